// The harness' side of a payer process: starts it, gives it orders, hears of each moment of its work, kills it.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Hex } from '../../../src/core/payment/hex.ts';
import type { FromPayer, Order, PayerPlace, Point, ToPayer } from './payer-protocol.ts';

const PROGRAM = fileURLToPath(new URL('./payer-process.ts', import.meta.url));

/** The answer of a payer to an order: a port or nothing, or the code of what went wrong; `died` where it was killed with it. */
export type Answer = { port: number | undefined } | { code: string };

export type PayerEvents = { message: (message: FromPayer) => void };

export class PayerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly ended: Promise<unknown>;
  readonly ready: Promise<Hex>;
  #next = 0;
  #dead = false;

  constructor(place: PayerPlace, on: PayerEvents) {
    this.#child = fork(PROGRAM, [JSON.stringify(place)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const ready = Promise.withResolvers<Hex>();
    this.ready = ready.promise;
    this.ready.catch(() => undefined);
    this.#child.on('error', () => undefined);
    this.#child.on('message', (message: FromPayer) => {
      if (message.is === 'ready') ready.resolve(message.account);
      if (message.is === 'done') this.#answer(message.id, { port: message.port ?? undefined });
      if (message.is === 'refused') this.#answer(message.id, { code: message.code });
      on.message(message);
    });
    this.ended = once(this.#child, 'close').then(() => {
      this.#dead = true;
      ready.reject(new Error('the payer ended before it was ready'));
      for (const id of [...this.#waiting.keys()]) this.#answer(id, { code: 'died' });
    });
  }

  get dead(): boolean {
    return this.#dead;
  }

  ask(order: Order): Promise<Answer> {
    if (this.#dead || !this.#child.connected) return Promise.resolve({ code: 'died' });
    this.#next += 1;
    const message: ToPayer = { id: this.#next, order };
    return new Promise((resolve) => {
      this.#waiting.set(message.id, resolve);
      this.#child.send(message, (error) => {
        if (error !== null) this.#answer(message.id, { code: 'died' });
      });
    });
  }

  dieAt(at: Point): Promise<Answer> {
    return this.ask({ do: 'die', at });
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #answer(id: number, answer: Answer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
