/** The one of several words that somebody may have meant: at most two letters are other, missing or too many. */
export function nearest(typed: string, words: readonly string[]): string | null {
  const [best] = words
    .map((word) => ({ word, distance: distanceBetween(typed.slice(0, 40), word) }))
    .filter(({ word, distance }) => distance <= Math.min(2, Math.floor(word.length / 2)))
    .sort((one, other) => one.distance - other.distance);
  return best?.word ?? null;
}

/** How many letters must be changed, added or taken away to make the one of the other (Levenshtein). */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, match] of [...other].entries())
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === match ? 0 : 1)),
      );
    row = next;
  }
  return row[other.length] ?? 0;
}
