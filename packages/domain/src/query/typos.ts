/** Shorter words have too many neighbours, longer ones are no words. */
const MIN_LENGTH = 4;
const MAX_LENGTH = 24;
/** Of digits every one counts: of ports and codes of errors many are one digit apart. */
const WORD = /^[\p{L}\p{M}]+$/u;

/** Of these letters one may be wrong or missing, by the script in which a word begins; in others a word is guessed as far as it needs none. */
const alphabets: readonly (readonly [script: RegExp, letters: readonly string[]])[] = [
  [/\p{Script=Latin}/u, [...'abcdefghijklmnopqrstuvwxyz']],
  [/\p{Script=Cyrillic}/u, [...'абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґўјљњћџђѓќѕ']],
  [/\p{Script=Greek}/u, [...'αβγδεζηθικλμνξοπρστυφχψω']],
];

/** A word in the letters in which the index has it, but for its accents. */
export const folded = (word: string): string => word.normalize().toLowerCase().replaceAll('ς', 'σ');

/** Whether somebody may have meant another word: it is one word, neither too short nor too long. */
export function isGuessable(text: string): boolean {
  const { length } = [...text];
  return length >= MIN_LENGTH && length <= MAX_LENGTH && WORD.test(text);
}

/**
 * Every word that somebody may have meant who made one mistake: a letter too many or missing, a wrong one, two
 * exchanged (Damerau's four, which are four of five slips of spelling). Asked of the index together with the word, they find what is there.
 * @returns none for what is too short, too long, or no single word
 */
export function guessesOf(text: string): string[] {
  if (!isGuessable(text)) return [];
  const written = [...folded(text)];
  const alphabet = alphabets.find(([script]) => script.test(text[0] ?? ''))?.[1] ?? [];
  const guesses = new Set<string>();
  for (let at = 0; at <= written.length; at += 1) {
    const [before, after] = [written.slice(0, at), written.slice(at)];
    const [next, other, ...rest] = after;
    for (const letter of alphabet) guesses.add([...before, letter, ...after].join(''));
    if (next === undefined) continue;
    guesses.add([...before, ...after.slice(1)].join(''));
    for (const letter of alphabet) guesses.add([...before, letter, ...after.slice(1)].join(''));
    if (other !== undefined) guesses.add([...before, other, next, ...rest].join(''));
  }
  return [...guesses];
}
