/**
 * The one of several words that somebody may have meant: the only one that begins so, or one of which at most two letters
 * are other, missing or too many. Never the opposite: `unassigned` is not meant by `assigned`.
 */
export function closest(typed: string, words: readonly string[]): string | null {
  const text = typed.trim().toLowerCase().replaceAll('-', '_');
  const [only, ...others] = text === '' ? [] : words.filter((word) => word.toLowerCase().startsWith(text));
  if (only !== undefined && others.length === 0) return only;
  return nearest(
    text,
    words.filter((word) => word !== `un${text}` && text !== `un${word}`),
  );
}

/** The one of several words that is spelt nearly so. */
function nearest(typed: string, words: readonly string[]): string | null {
  const [best] = words
    .map((word) => ({ word, distance: distanceBetween(typed.slice(0, 40), word.toLowerCase()) }))
    .filter(({ word, distance }) => distance <= Math.min(2, Math.floor(word.length / 2)))
    .sort((one, other) => one.distance - other.distance);
  return best?.word ?? null;
}

/** How many slips make the one of the other: a letter changed, added, left out, or exchanged with its neighbour. */
function distanceBetween(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 0; i < one.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j += 1) {
      const exchanged = i > 0 && j > 0 && one[i] === other[j - 1] && one[i - 1] === other[j];
      next.push(
        Math.min(
          (next[j] ?? 0) + 1,
          (row[j + 1] ?? 0) + 1,
          (row[j] ?? 0) + (one[i] === other[j] ? 0 : 1),
          exchanged ? (before[j - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}
