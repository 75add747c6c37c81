// The frames that come on a stream, one by one, as fast as they are taken and no faster. libp2p's own reader of frames takes all that comes, and cuts the stream when 4 MB
// wait: a relay that answers quicker than its answer is looked at would be cut for it.

import type { Stream } from '@libp2p/interface';
import { FrameReader } from '../core/wire/frames.ts';
import { WireError } from '../core/wire/wire-error.ts';

export class FrameSource {
  readonly #stream: Stream;
  readonly #reader = new FrameReader();
  readonly #waiting: Uint8Array[] = [];
  #failed: Error | undefined;
  #ended = false;
  #resuming = false;
  #wake: (() => void) | undefined;

  /** @param stream without another listener */
  constructor(stream: Stream) {
    this.#stream = stream;
    stream.addEventListener('message', ({ data }) => {
      try {
        for (const piece of data instanceof Uint8Array ? [data] : data) this.#waiting.push(...this.#reader.push(piece));
      } catch (error) {
        this.#failed = error as Error;
      }
      this.#pause();
      this.#wake?.();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    stream.addEventListener('remoteCloseWrite', end);
    stream.addEventListener('close', ({ error }) => {
      this.#failed ??= error;
      end();
    });
  }

  /** Throws `WireError` for what is no frame, truncated where the stream has ended, and the signal's reason. One at a time. */
  async next({ signal }: { signal: AbortSignal }): Promise<Uint8Array> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        const frame = this.#waiting.shift();
        if (frame !== undefined) return frame;
        if (this.#failed !== undefined) throw this.#failed;
        if (this.#stream.readStatus === 'paused') {
          this.#resume();
          continue;
        }
        if (this.#ended && this.#stream.readBufferLength === 0)
          throw new WireError('truncated', 'the stream ended before the next message');
        const { promise: woken, resolve } = Promise.withResolvers<undefined>();
        this.#wake = () => resolve(undefined);
        await Promise.race([woken, aborted]);
      }
    } finally {
      signal.removeEventListener('abort', abort);
      aborted.catch(() => undefined);
    }
  }

  #pause(): void {
    // Inside of resume() it is undone when that goes on, and the window then outgrows the read buffer.
    if (!this.#resuming && this.#waiting.length > 0 && this.#stream.readStatus === 'readable') this.#stream.pause();
  }

  /** What was held back comes within the call. */
  #resume(): void {
    this.#resuming = true;
    try {
      this.#stream.resume();
    } finally {
      this.#resuming = false;
    }
    this.#pause();
  }
}
