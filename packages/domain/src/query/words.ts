import { wrongQuery } from './errors.ts';
import type { Piece } from './scan.ts';
import type { Query, Words } from './tree.ts';

const KEY = /^(?:INC|REQ|PRB|CHG)-([1-9]\d{0,14})$/i;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const BEGINNING = /^(.*[\p{L}\p{N}])\*$/su;

/** What a piece of plain text looks for: the ticket of a key, or words; null for what has no letter or digit in it. */
export function ticketOrWords(piece: Piece): Query | null {
  const key = piece.quoted ? null : KEY.exec(piece.text);
  return key ? { kind: 'ticket', id: Number(key[1]) } : wordsOf(piece, 'anywhere');
}

/** The words of a piece of text; null for what has no letter or digit in it. @throws query.invalid */
export function wordsOf({ text: written, quoted, at }: Piece, place: Words['place']): Words | null {
  // A letter that came in parts is one letter, also before *.
  const text = written.normalize();
  if (!LETTER_OR_DIGIT.test(text)) return null;
  if (quoted) return { kind: 'words', text, place, form: 'phrase' };
  const beginning = BEGINNING.exec(text)?.[1];
  if (beginning === undefined) return { kind: 'words', text, place, form: 'word' };
  if ([...beginning].length < 2)
    throw wrongQuery({ parameter: 'q', position: at }, 'At least two letters must stand before *');
  return { kind: 'words', text: beginning, place, form: 'beginning' };
}
