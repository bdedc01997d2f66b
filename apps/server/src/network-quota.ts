/** What somebody holds: so much of a quota, until it is released or evicted. */
interface Holding {
  readonly size: number;
  readonly network: string;
  readonly evict: () => void;
}

interface QuotaOptions {
  readonly perNetwork: number;
  readonly total: number;
}

/**
 * Bounds what the callers of one network hold, and what all hold together. A newcomer is always admitted: beyond a bound
 * the oldest holding is evicted, of the network that holds the most. So nobody can fill a quota against everybody else.
 */
export class NetworkQuota {
  readonly #options: QuotaOptions;
  readonly #networks = new Map<string, { readonly holdings: Set<Holding>; size: number }>();
  #size = 0;

  constructor(options: QuotaOptions) {
    this.#options = options;
  }

  /** How much is held by all networks together. */
  get size(): number {
    return this.#size;
  }

  /**
   * Admits a holding.
   * @param evict called at most once, and never after the release
   * @returns releases the holding; to call it again does nothing
   */
  admit(network: string, size: number, evict: () => void): () => void {
    const holding = { size, network, evict };
    const held = this.#networks.get(network) ?? { holdings: new Set(), size: 0 };
    this.#networks.set(network, held);
    held.holdings.add(holding);
    held.size += size;
    this.#size += size;
    while (held.size > this.#options.perNetwork && held.holdings.size > 1) this.#evictOldest(network);
    while (this.#size > this.#options.total) {
      const greatest = this.#greatest();
      if (greatest === null || this.#networks.get(greatest)?.holdings.size === 1) break;
      this.#evictOldest(greatest);
    }
    return () => this.#release(holding);
  }

  #greatest(): string | null {
    let found: string | null = null;
    let size = 0;
    for (const [network, held] of this.#networks) {
      if (held.size > size) [found, size] = [network, held.size];
    }
    return found;
  }

  #evictOldest(network: string): void {
    const [oldest] = this.#networks.get(network)?.holdings ?? [];
    if (!oldest) return;
    this.#release(oldest);
    oldest.evict();
  }

  #release(holding: Holding): void {
    const held = this.#networks.get(holding.network);
    if (!held?.holdings.delete(holding)) return;
    held.size -= holding.size;
    this.#size -= holding.size;
    if (held.holdings.size === 0) this.#networks.delete(holding.network);
  }
}
