// Numbers of requests and who waits for their answers, on the payer's side of one stream.

import { PaymentError } from '../payment/payment-error.ts';
import type { SessionBody, SessionBodyOf, SessionBodyType, SessionMessage } from '../wire/session-messages.ts';

type Waiting = { wanted: SessionBodyType; resolve: (body: SessionBody) => void; reject: (error: Error) => void };

export class Requests {
  readonly #send: (message: SessionMessage) => void;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #ended = false;

  constructor(send: (message: SessionMessage) => void) {
    this.#send = send;
  }

  /** Throws `PaymentError`: what the payee refused it with, `bad_message` for an answer of another kind, `unavailable` where the stream ends. */
  ask<K extends SessionBodyType>(body: SessionBody, wanted: K): Promise<SessionBodyOf<K>> {
    return new Promise<SessionBody>((resolve, reject) => {
      const request = this.tell(body);
      this.#waiting.set(request, { wanted, resolve, reject });
    }) as Promise<unknown> as Promise<SessionBodyOf<K>>;
  }

  /** For what has no answer. Returns its number. Throws `PaymentError` where the stream has ended. */
  tell(body: SessionBody): number {
    if (this.#ended) throw new PaymentError('unavailable', 'the stream has ended');
    this.#last += 1;
    this.#send({ request: this.#last, body });
    return this.#last;
  }

  /** False where nobody waits for it. */
  answered(request: number, body: SessionBody): boolean {
    const waiting = this.#waiting.get(request);
    if (waiting === undefined) return false;
    this.#waiting.delete(request);
    if (body.type === waiting.wanted) waiting.resolve(body);
    else if (body.type === 'error') waiting.reject(new PaymentError(body.code, 'the payee refused it'));
    else waiting.reject(new PaymentError('bad_message', 'another answer than was asked for'));
    return true;
  }

  end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(new PaymentError('unavailable', 'the stream has ended'));
    this.#waiting.clear();
  }
}
