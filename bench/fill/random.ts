/** Chance that is the same in every run: two databases of one size hold the same tickets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, but never, 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `least` to `most`, both possible. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(part: number): boolean {
    return this.next() < part;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)] as T;
  }
}

/** Values that come as often as their weights say; a pick costs the same however many there are (Vose's alias method). */
export class Weighted<T> {
  readonly #values: readonly T[];
  readonly #chance: Float64Array;
  readonly #alias: Int32Array;

  constructor(pairs: readonly (readonly [T, number])[]) {
    this.#values = pairs.map(([value]) => value);
    const total = pairs.reduce((sum, [, weight]) => sum + weight, 0);
    this.#chance = Float64Array.from(pairs, ([, weight]) => (weight / total) * pairs.length);
    this.#alias = new Int32Array(pairs.length);
    this.#settle();
  }

  pick(random: Random): T {
    const at = random.next() * this.#values.length;
    const index = Math.floor(at);
    const chosen = at - index < (this.#chance[index] as number) ? index : this.#alias[index];
    return this.#values[chosen as number] as T;
  }

  /** What one value lacks of its place, another that has too much fills. */
  #settle(): void {
    const chance = this.#chance;
    const indexes = [...chance.keys()];
    const small = indexes.filter((index) => (chance[index] as number) < 1);
    const large = indexes.filter((index) => (chance[index] as number) >= 1);
    while (small.length > 0 && large.length > 0) {
      const less = small.pop() as number;
      const more = large.pop() as number;
      this.#alias[less] = more;
      chance[more] = (chance[more] as number) - (1 - (chance[less] as number));
      ((chance[more] as number) < 1 ? small : large).push(more);
    }
    for (const index of [...small, ...large]) chance[index] = 1;
  }
}
