// The browser beside the payer: its tunnels run on whether the worker lives or not. Counts what really came and went, channel by channel, which is what
// all losses are measured by.

import { connect, type Socket } from 'node:net';
import type { Hex } from '../../../src/core/payment/hex.ts';
import { makeHello } from '../../support/relay-hello.ts';

export type Download = { host: string; port: number; serverName: string; channel: Hex; bytes: number };

export class Browser {
  /** Bytes both ways, by the channel that was open when their tunnel was. */
  readonly carried = new Map<Hex, number>();
  total = 0;
  /** Told after each piece that came. */
  onBytes: ((total: number) => void) | undefined;
  readonly #open = new Set<Socket>();

  /** Resolves with what came of it, whole or not. */
  async download({ host, port, serverName, channel, bytes }: Download): Promise<number> {
    const socket = connect({ host, port, allowHalfOpen: true });
    this.#open.add(socket);
    const opening = Buffer.concat([makeHello({ serverName }), Buffer.from(`send ${bytes}\n`)]);
    let came = 0;
    socket.on('error', () => undefined);
    socket.on('data', (piece: Buffer) => {
      // The hello was carried if anything came back.
      this.#count(channel, came === 0 ? opening.length + piece.length : piece.length);
      came += piece.length;
    });
    const over = new Promise<void>((resolve) => {
      socket.on('end', resolve);
      socket.on('close', () => resolve());
    });
    socket.write(opening);
    await over;
    socket.destroy();
    this.#open.delete(socket);
    return came;
  }

  get running(): number {
    return this.#open.size;
  }

  cutAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #count(channel: Hex, bytes: number): void {
    this.carried.set(channel, (this.carried.get(channel) ?? 0) + bytes);
    this.total += bytes;
    this.onBytes?.(this.total);
  }
}
