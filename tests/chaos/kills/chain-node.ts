// anvil as a node that can be killed: it comes back with what it had on its disk, which lacks its last block and all that was in no block. What any side was told to
// be safe is never lost, as on a chain that keeps its word. Everybody asks it through one address, where each question can be seen and cut off.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startChain, type Chain } from '../../../devnet/chain/chain.ts';
import { parseHex, type Hex } from '../../../devnet/chain/rpc.ts';
import type { Lifeline } from '../../../devnet/lifeline.ts';

/** A block that often while there is something to put in one, or one before is not safe yet. */
const BLOCK_MS = 120;
/** Behind the last transaction: one makes it safe, one more is looked at. */
const EMPTY_BLOCKS = 3;

/** A question on its way to the node, or its answer on the way back. */
export type OnQuestion = (when: 'asked' | 'answered', method: string) => Promise<void> | undefined;

export type ChainNode = {
  url: string;
  chain(): Chain;
  /** Who looks at each question; one at a time. */
  onQuestion: OnQuestion | undefined;
  /** All of it so far is on its disk. */
  keep(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
};

export async function startChainNode(init: { lifeline: Lifeline; folder: string }): Promise<ChainNode> {
  let chain = await startChain(init);
  let disk: Hex | undefined;
  let up = true;
  let empty = 0;
  const stopped = new AbortController();

  const isUp = (): boolean => up;
  const isStopped = (): boolean => stopped.signal.aborted;
  const mine = async (): Promise<void> => {
    const { pending } = (await chain.rpc('txpool_status')) as { pending: Hex };
    empty = BigInt(pending) === 0n ? empty + 1 : 0;
    if (empty > EMPTY_BLOCKS) return;
    // On the disk before the next block makes it safe.
    disk = parseHex(await chain.rpc('anvil_dumpState', false));
    await chain.mine(1);
  };
  const mining = (async () => {
    while (!isStopped()) {
      if (isUp()) await mine().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, BLOCK_MS));
    }
  })();
  await chain.rpc('evm_setAutomine', false);

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const node: ChainNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chain: () => chain,
    onQuestion: undefined,
    keep: async () => {
      disk = parseHex(await chain.rpc('anvil_dumpState', false));
    },
    kill: async () => {
      up = false;
      await chain.kill();
    },
    restart: async () => {
      if (up || disk === undefined) return;
      chain = await startChain({ ...init, from: disk });
      await chain.rpc('evm_setAutomine', false);
      // What is safe can be asked for again only behind a block of this life.
      await chain.mine(1);
      empty = 0;
      up = true;
    },
    close: async () => {
      stopped.abort();
      await mining;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await chain.close();
    },
  };
  return node;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    const { method } = JSON.parse(body.toString()) as { method: string };
    await node.onQuestion?.('asked', method);
    if (!up) throw new Error('the node is dead');
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(chain.url, { method: 'POST', headers, body });
    const text = await answer.text();
    await node.onQuestion?.('answered', method);
    response.writeHead(answer.status, headers).end(text);
  }
}
