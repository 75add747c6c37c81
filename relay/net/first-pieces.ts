// What a stranger sends first, for a socket that this process reads itself. Who reads takes apart all of what one turn of the event loop brings, whatever that costs: header sections of HTTP/2 can stand for a
// thousand times their size, and Node tells of none before the end of a read. So it comes in small pieces, a turn for each: others have theirs in between, and a flood is known before the rest of it is read. Trust
// grows with what was carried, which is paid for (docs/decisions/0056-limits-that-shed-and-wait.md).

import { Uint8ArrayList } from 'uint8arraylist';

const SIZES = [
  { until: 64 * 1024, bytes: 4 * 1024 },
  { until: 1024 * 1024, bytes: 16 * 1024 },
] as const;

export type FirstPiecesInit = {
  put: (data: Uint8Array | Uint8ArrayList) => void;
  /** Called before each piece but the first of what waits. It may end the tunnel. */
  between: () => void;
  /** Nothing waits any more, after something has. */
  emptied: () => void;
};

export class FirstPieces {
  readonly #init: FirstPiecesInit;
  readonly #rest = new Uint8ArrayList();
  #put = 0;
  #next: NodeJS.Immediate | undefined;
  #isOver = false;

  constructor(init: FirstPiecesInit) {
    this.#init = init;
  }

  /** Bytes that have not had their turn. */
  get waiting(): number {
    return this.#rest.byteLength;
  }

  /** At once, as far as it is its turn, and the rest in order. */
  give(data: Uint8Array | Uint8ArrayList): void {
    if (this.waiting === 0 && data.byteLength <= this.#size()) {
      this.#put += data.byteLength;
      this.#init.put(data);
      return;
    }
    this.#rest.append(data);
    if (this.#next === undefined) this.#putNext();
  }

  /** What waits is not put any more. */
  stop(): void {
    this.#isOver = true;
    clearImmediate(this.#next);
  }

  #putNext(): void {
    const piece = this.#rest.sublist(0, Math.min(this.waiting, this.#size()));
    this.#rest.consume(piece.byteLength);
    this.#put += piece.byteLength;
    this.#init.put(piece);
    this.#next = setImmediate(() => {
      this.#next = undefined;
      if (this.waiting === 0) {
        this.#init.emptied();
        return;
      }
      this.#init.between();
      if (!this.#isOver) this.#putNext();
    });
  }

  #size(): number {
    return SIZES.find(({ until }) => this.#put < until)?.bytes ?? Infinity;
  }
}
