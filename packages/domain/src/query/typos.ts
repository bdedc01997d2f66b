/** Shorter words have too many neighbours, longer ones are no words. */
const SHORTEST = 4;
const LONGEST = 24;
const WORD = /^[\p{L}\p{N}]+$/u;
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/**
 * Every word that somebody may have meant who made one mistake: a letter too many or missing, a wrong one, two
 * exchanged (Damerau's four, which are four of five slips of spelling). Asked of the index together with the word, they find what is there.
 * @returns none for what is too short, too long, or no single word
 */
export function guessesOf(text: string): string[] {
  const letters = [...text.toLowerCase()];
  if (letters.length < SHORTEST || letters.length > LONGEST || !WORD.test(text)) return [];
  const guesses = new Set<string>();
  for (let at = 0; at <= letters.length; at += 1) {
    const [before, after] = [letters.slice(0, at), letters.slice(at)];
    const [next, other, ...rest] = after;
    for (const letter of LETTERS) guesses.add([...before, letter, ...after].join(''));
    if (next === undefined) continue;
    guesses.add([...before, ...after.slice(1)].join(''));
    for (const letter of LETTERS) guesses.add([...before, letter, ...after.slice(1)].join(''));
    if (other !== undefined) guesses.add([...before, other, next, ...rest].join(''));
  }
  return [...guesses];
}
