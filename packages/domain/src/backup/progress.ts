/** How far a backup or a restore has come. */
export interface Progress {
  /** What is being done, as `ticket_events`. */
  readonly word: string;
  readonly bytes: number;
  /** How many bytes there will be; for a backup what the tables take on the disk, which is near it. */
  readonly total: number;
}

export type OnProgress = (progress: Progress) => void;

/** Adds pieces up to a progress. */
export class Tally {
  readonly #onProgress: OnProgress;
  readonly #total: number;
  #bytes = 0;
  #word = '';

  constructor(total: number, onProgress: OnProgress = () => {}) {
    this.#total = total;
    this.#onProgress = onProgress;
  }

  begin(word: string): void {
    this.#word = word;
    this.add(0);
  }

  readonly add = (count: number): void => {
    this.#bytes += count;
    this.#onProgress({ word: this.#word, bytes: this.#bytes, total: this.#total });
  };
}
