import { wrongQuery } from './errors.ts';
import type { Piece } from './piece.ts';
import { anyOf, type Query, type Words } from './tree.ts';

/** Keys of tickets, with commas between where there are several, or behind where more may follow. */
const KEYS = /^(?:(?:INC|REQ|PRB|CHG)-[1-9]\d{0,14}(?:,|$))+$/i;

/** Whether a piece names tickets. */
export const areKeys = ({ text, quoted }: Piece): boolean => !quoted && KEYS.test(text);
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** A letter or digit that is not known, at the beginning of a word or within it. */
const UNKNOWN_BEFORE = /\*[\p{L}\p{N}]/u;
/** What stands around words and is none of them. */
const AROUND = /^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu;
const BEGINNING = /^(.*[\p{L}\p{N}])\*$/su;

/** A number as other systems give it: `INC0000045`, or its digits alone. */
const NUMBER = /^(?:([a-z]{2,10})\d{5,17}|\d{7,19})$/i;

/** The ids that a number of another system may have; none for what is no such number. */
export function sourceIdsOf(text: string): string[] {
  const [whole, letters] = NUMBER.exec(text) ?? [];
  if (whole === undefined) return [];
  // One log is published with `INC` before each number, and without.
  if (letters === undefined) return [whole, `INC${whole}`];
  const others = letters.toUpperCase() === 'INC' ? [whole.slice(letters.length)] : [];
  return [...new Set([whole, whole.toUpperCase(), ...others])];
}

/** What a piece of plain text looks for: the ticket of a key, or words; null for what has no letter or digit in it. */
export function ticketOrWords(piece: Piece): Query | null {
  if (!areKeys(piece)) return numberOrWords(piece);
  const keys = piece.text.split(',').filter((key) => key !== '');
  return anyOf(keys.map((key) => ({ kind: 'ticket', id: Number(key.slice(key.indexOf('-') + 1)) })));
}

/** A number of another system finds its ticket as well as those whose texts have it. */
function numberOrWords(piece: Piece): Query | null {
  const words = wordsOf(piece, 'anywhere');
  const ids = piece.quoted ? [] : sourceIdsOf(piece.text);
  return words && ids.length > 0 ? anyOf([words, { kind: 'sourceId', ids }]) : words;
}

/** The words of a piece of text; null for what has no letter or digit in it. @throws query.invalid */
export function wordsOf({ text: written, quoted, at }: Piece, place: Words['place']): Words | null {
  // A letter that came in parts is one letter, also before *.
  const text = written.normalize();
  if (!LETTER_OR_DIGIT.test(text)) return null;
  if (quoted) return { kind: 'words', text, place, form: 'phrase' };
  if (UNKNOWN_BEFORE.test(text))
    throw wrongQuery(
      { parameter: 'q', position: at },
      'A * stands at the end of a word, for any that begins so; to look for the text, put it in quotes',
    );
  const beginning = BEGINNING.exec(text)?.[1];
  if (beginning === undefined) return { kind: 'words', text: text.replace(AROUND, ''), place, form: 'word' };
  if ([...beginning].length < 2)
    throw wrongQuery({ parameter: 'q', position: at }, 'At least two letters must stand before *');
  return { kind: 'words', text: beginning, place, form: 'beginning' };
}
