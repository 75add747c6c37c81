// The chain's servers as a client on the Internet reaches them: by name, over TLS, through whatever is between. Two operators', as a careful client asks.
// They are the faucet too: a page to open gives an address play money.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Leaf } from '../ca.ts';
import { rememberRemotes, remoteOf } from '../remote-address.ts';
import type { Hex } from './rpc.ts';

export const GATES = [
  { host: 'rpc-one.demo.test', address: '127.0.2.8' },
  { host: 'rpc-two.demo.test', address: '127.0.2.9' },
] as const;

const FAUCET_PATH = /^\/faucet\?to=(0x[0-9a-fA-F]{40})$/;

/** A request of the extension has some kB. */
const MAX_BODY_BYTES = 1_000_000;

export type GatesInit = {
  /** Of anvil. */
  url: string;
  port: number;
  leafOf: (gate: { host: string }) => Promise<Leaf>;
  /** Gives what the faucet gives. */
  fund: (account: Hex) => Promise<void>;
};

export type Gates = {
  urls: string[];
  /** The addresses from which the chain was asked, one for each question. */
  askedFrom: readonly string[];
  close: () => Promise<void>;
};

export async function startGates({ url, port, leafOf, fund }: GatesInit): Promise<Gates> {
  const closers: (() => Promise<void>)[] = [];
  const askedFrom: string[] = [];
  for (const gate of GATES) {
    const { chain, key } = await leafOf(gate);
    const server = createServer({ cert: chain, key }, (request, response) => {
      const asked = FAUCET_PATH.exec(request.url ?? '')?.[1];
      if (asked === undefined) askedFrom.push(remoteOf(request));
      const work = asked === undefined ? pass(request, response, url) : give(response, asked as Hex, fund);
      work.catch(() => response.destroy());
    });
    rememberRemotes(server);
    server.listen(port, gate.address);
    await once(server, 'listening');
    closers.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
  }
  return {
    askedFrom,
    urls: GATES.map(({ host }) => `https://${host}:${port}/`),
    close: async () => {
      await Promise.all(closers.map((each) => each()));
    },
  };
}

async function give(response: ServerResponse, account: Hex, fund: GatesInit['fund']): Promise<void> {
  await fund(account);
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${account} has got play money.\n`);
}

async function pass(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BODY_BYTES) throw new Error('too long');
    parts.push(part);
  }
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: Buffer.concat(parts) });
  response.writeHead(answer.status, headers).end(await answer.text());
}
