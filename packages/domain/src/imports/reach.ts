import { DomainError, utc } from '../core/index.ts';
import type { ImportEntry } from './schema.ts';

/** How far the history of a ticket has been taken over. */
export interface Reached {
  readonly position: number;
  readonly peoplePosition: number;
  readonly keys: readonly string[] | null;
  readonly reachedAt: string | null;
  readonly positionsUntil: string | null;
  readonly withheld: Readonly<Record<string, readonly string[]>>;
}

/** Nothing yet. */
export const nothingReached: Reached = {
  position: -1,
  peoplePosition: -1,
  keys: null,
  reachedAt: null,
  positionsUntil: null,
  withheld: {},
};

/** Entries with keys name their people as they come, so no position is left to catch up with. */
const ALL_POSITIONS = 2_147_483_647;

/**
 * Tells which entries of a ticket were taken over. An entry with a key is known by it, wherever it stands in a file; one
 * without by its position. What came in before there were keys is known by its time and its position.
 */
export class Reach {
  /** Before this call: positions are compared with it. */
  readonly #before: Reached;
  readonly #known: Set<string>;
  readonly #keys: string[];
  readonly withheld: Map<string, readonly string[]>;
  #position: number;
  #peoplePosition: number;
  #reachedAt: string | null;
  #positionsUntil: string | null;
  #changed = false;

  /** @param latest the time of the latest imported event, for a ticket that has no keys yet */
  constructor(before: Reached = nothingReached, latest: string | null = null) {
    this.#before = before;
    this.#known = new Set(before.keys);
    this.#keys = [...(before.keys ?? [])];
    this.withheld = new Map(Object.entries(before.withheld));
    this.#position = before.position;
    this.#peoplePosition = before.peoplePosition;
    this.#reachedAt = before.reachedAt;
    this.#positionsUntil = before.positionsUntil;
    if (before.position >= 0 && before.keys === null && latest !== null) this.#positionsUntil = latest;
    this.#reachedAt ??= this.#positionsUntil;
  }

  /** Whether an entry was taken over, by an earlier call or by this one. */
  has({ key, position, at }: ImportEntry): boolean {
    if (key === undefined) return position <= this.#before.position;
    if (this.#known.has(key)) return true;
    const until = this.#positionsUntil;
    if (until === null) return false;
    const time = utc(at);
    return time < until || (time === until && position <= this.#before.position);
  }

  /** @throws import.out_of_order for an entry that would have to stand before what was taken over */
  checkOrder({ id, key, after, position, at }: ImportEntry): void {
    if (key === undefined) {
      if (position <= this.#position)
        throw outOfOrder(`Entries of one id must come in order; ${id} has gone past position ${position}`);
      return;
    }
    const reachedAt = this.#reachedAt;
    const follows = after !== undefined && after === this.#keys.at(-1);
    if (reachedAt !== null && utc(at) < reachedAt && !follows)
      throw outOfOrder(
        `${id} was taken over up to ${reachedAt}; this change is older and not among those, and a history cannot be changed afterwards`,
      );
  }

  /** Whether the people of an entry that was taken over without them are still to come. */
  lacksPeopleOf({ position }: ImportEntry): boolean {
    return position > this.#peoplePosition;
  }

  /** Remembers an entry that has just been taken over. */
  take(entry: ImportEntry, hasPeople: boolean): void {
    this.#position = Math.max(this.#position, entry.position);
    if (hasPeople) this.tookPeople(entry.key === undefined ? entry.position : ALL_POSITIONS);
    this.learn(entry);
    this.#changed = true;
  }

  tookPeople(position: number): void {
    this.#peoplePosition = Math.max(this.#peoplePosition, position);
    this.#changed = true;
  }

  /** Remembers the key of an entry that was taken over, where only its position was known. */
  learn({ key, at }: ImportEntry): void {
    if (key === undefined || this.#known.has(key)) return;
    this.#known.add(key);
    this.#keys.push(key);
    const time = utc(at);
    if (this.#reachedAt === null || time > this.#reachedAt) this.#reachedAt = time;
    this.#changed = true;
  }

  /** Whether an entry is the one that was taken over last. */
  isLast({ key }: ImportEntry): boolean {
    return key !== undefined && key === this.#keys.at(-1);
  }

  /** Remembers in which fields an entry was not followed; none forgets it. */
  withhold(entry: ImportEntry, fields: readonly string[]): void {
    if (fields.length > 0) this.withheld.set(markOf(entry), fields);
    else this.withheld.delete(markOf(entry));
    this.#changed = true;
  }

  /** The fields in which an entry was not followed. */
  withheldOf(entry: ImportEntry): readonly string[] {
    return this.withheld.get(markOf(entry)) ?? [];
  }

  /** What is to be stored; null where this call has changed nothing. */
  get stored(): Reached | null {
    if (!this.#changed) return null;
    const keys = this.#keys;
    return {
      position: this.#position,
      peoplePosition: this.#peoplePosition,
      keys: keys.length > 0 ? keys : null,
      reachedAt: keys.length > 0 ? this.#reachedAt : null,
      positionsUntil: keys.length > 0 ? this.#positionsUntil : null,
      withheld: Object.fromEntries(this.withheld),
    };
  }
}

/** How an entry is called among those that were withheld. */
const markOf = ({ key, position }: ImportEntry): string => key ?? `#${position}`;

const outOfOrder = (detail: string): DomainError => new DomainError({ code: 'import.out_of_order', detail });
