/** Text as it stands in a query, and whether it stood in quotes. */
export interface Piece {
  readonly text: string;
  readonly quoted: boolean;
  /** The character where it begins, counted from 1. */
  readonly at: number;
}
