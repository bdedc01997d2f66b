import type { Cost } from './calls.ts';

/**
 * Calls that are carried out or wait at one time, in one process. Those beyond it are turned away before anything is
 * done for them, so that those within it are answered in a time that does not grow with the crowd. 200 requests at once
 * are never turned away, as the contract says.
 */
const MAX_PLACES = 224;

/** Calls beyond the bound that are let in until it is known who asks, while others wait who may give way. */
const MAX_ENTERING = 24;

/**
 * Calls of one caller that are carried out at one time; the others of that caller wait. Few searches, so that what others
 * ask comes in between. The bound of writes leaves places that no write of this caller takes while it waits for its
 * ticket.
 */
const MAX_RUNNING: Readonly<Record<Cost, number>> = { search: 8, page: 64, small: 200, write: 200 };

/** What one caller has of one cost under way. */
interface Share {
  readonly caller: string;
  readonly cost: Cost;
  running: number;
  readonly waiting: Place[];
}

/** What a request holds from when it is let in until its answer is made. */
export interface Place {
  readonly calls: number;
  readonly cost: Cost;
  /** Answers that there is too much to do. */
  readonly refuse: () => void;
  /** Null until it is known who asks. */
  share: Share | null;
  /** Carries the request out; null before it is known who asks, and once it was called. */
  begin: (() => void) | null;
  left: boolean;
}

/** A batch may have more calls than are carried out of one caller; then it is carried out alone. */
const weightOf = ({ calls }: Place, { cost }: Share): number => Math.min(calls, MAX_RUNNING[cost]);

/**
 * The places of one process. When all are taken, the caller with the longest queue gives one up to a newcomer, so that
 * one caller alone may take them all without keeping others out.
 */
export class Places {
  #taken = 0;
  #entering = 0;
  #waiting = 0;
  readonly #shares = {
    search: new Map<string, Share>(),
    page: new Map<string, Share>(),
    small: new Map<string, Share>(),
    write: new Map<string, Share>(),
  };

  /** True when there is room for this number of calls, before their caller is authenticated. */
  hasRoomFor(calls: number): boolean {
    if (this.#taken + calls <= MAX_PLACES) return true;
    return this.#waiting > 0 && this.#entering + calls <= MAX_ENTERING;
  }

  /**
   * Takes as many places as a request has calls.
   * @param refuse called at most once, and never after `leave`
   */
  enter(calls: number, cost: Cost, refuse: () => void): Place {
    this.#taken += calls;
    this.#entering += calls;
    return { calls, cost, refuse, share: null, begin: null, left: false };
  }

  /** Begins when the caller's share has room for it, in the order of the calls of this function. */
  begin(place: Place, caller: string, begin: () => void): void {
    const { cost } = place;
    const shares = this.#shares[cost];
    const share = shares.get(caller) ?? { caller, cost, running: 0, waiting: [] };
    shares.set(caller, share);
    this.#entering -= place.calls;
    this.#waiting += 1;
    place.share = share;
    place.begin = begin;
    share.waiting.push(place);
    while (this.#taken > MAX_PLACES && !place.left) this.#refuseOne(share);
    if (share.waiting[0] === place && this.#hasTurn(share)) this.#start(place, share)();
  }

  /** Gives the places back; to call it again does nothing. */
  leave(place: Place): void {
    if (place.left) return;
    place.left = true;
    this.#taken -= place.calls;
    const { share } = place;
    if (share === null) {
      this.#entering -= place.calls;
      return;
    }
    if (place.begin === null) share.running -= weightOf(place, share);
    else {
      share.waiting.splice(share.waiting.indexOf(place), 1);
      this.#waiting -= 1;
    }
    this.#advance(share);
  }

  #hasTurn(share: Share): boolean {
    const [next] = share.waiting;
    if (next === undefined) return false;
    return share.running === 0 || share.running + weightOf(next, share) <= MAX_RUNNING[share.cost];
  }

  /** Takes the first of those who wait out of their queue. */
  #start(place: Place, share: Share): () => void {
    share.waiting.shift();
    this.#waiting -= 1;
    share.running += weightOf(place, share);
    const begin = place.begin as () => void;
    place.begin = null;
    return begin;
  }

  #advance(share: Share): void {
    while (this.#hasTurn(share)) {
      const place = share.waiting[0] as Place;
      const begin = this.#start(place, share);
      // What has arrived of others in the meantime is read first.
      setImmediate(() => {
        if (!place.left) begin();
      });
    }
    if (share.running === 0 && share.waiting.length === 0) this.#shares[share.cost].delete(share.caller);
  }

  /** Refuses the newest of those who wait in the longest queue; of the newcomer's only if no other is as long. */
  #refuseOne(newcomers: Share): void {
    let longest = newcomers;
    for (const shares of Object.values(this.#shares))
      for (const share of shares.values())
        if (share.waiting.length > 0 && share.waiting.length >= longest.waiting.length) longest = share;
    const newest = longest.waiting.at(-1) as Place;
    this.leave(newest);
    newest.refuse();
  }
}
