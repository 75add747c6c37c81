// Something for each key, in bounded memory: of too many keys the one that came longest ago is forgotten. Used where strangers choose the keys.

export class RecentKeys<T> {
  readonly #most: number;
  readonly #make: () => T;
  /** The one that came longest ago first. */
  readonly #known = new Map<string, T>();

  constructor(most: number, make: () => T) {
    this.#most = most;
    this.#make = make;
  }

  /** What it has, or a new one; it has come just now. */
  of(key: string): T {
    const value = this.#known.get(key) ?? this.#make();
    this.#known.delete(key);
    this.#known.set(key, value);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
    return value;
  }
}
