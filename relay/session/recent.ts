// A map that forgets: what was asked for longest ago goes first when it is full. For what is kept of peers, of whom anybody can make as many as they like.

export class Recent<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#touch(key, value);
    return value;
  }

  /** What is kept, or what `make` makes, kept from now on. */
  of(key: K, make: () => V): V {
    const value = this.get(key) ?? make();
    this.#touch(key, value);
    return value;
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  #touch(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#most) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
