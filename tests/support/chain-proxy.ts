// A server of the chain on this machine that answers like the devnet's, or wrongly in the way that a test wants. Over real HTTP, so that limits of time and size are met
// where they are met in earnest.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Question = { id: number; method: string; params: unknown[] };
/** What to answer instead: a result, `honest` of the chain behind, or nothing where it wrote to the response itself. */
export type Fault = (question: Question, honest: () => Promise<unknown>, response: ServerResponse) => Promise<unknown>;

export type ChainProxy = {
  url: string;
  /** What it was asked, oldest first. */
  asked: Question[];
  close(): Promise<void>;
};

/** What the chain behind answers instead of a result. */
class Refusal extends Error {
  readonly error: unknown;
  constructor(error: unknown) {
    super('the chain refuses');
    this.error = error;
  }
}

/** @param behind of anvil */
export async function startChainProxy(
  behind: string,
  fault: Fault = async (_, honest) => honest(),
): Promise<ChainProxy> {
  const asked: Question[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const part of request as AsyncIterable<Buffer>) body += part.toString();
      const question = JSON.parse(body) as Question;
      asked.push(question);
      const honest = async (): Promise<unknown> => {
        const headers = { 'content-type': 'application/json' };
        const answer: unknown = await (await fetch(behind, { method: 'POST', headers, body })).json();
        const { result, error } = answer as { result?: unknown; error?: unknown };
        if (error !== undefined) throw new Refusal(error);
        return result;
      };
      const send = (answer: object): void =>
        void response.end(JSON.stringify({ jsonrpc: '2.0', id: question.id, ...answer }));
      try {
        const result = await fault(question, honest, response);
        if (result !== undefined) send({ result });
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        send({ error: refusal.error });
      }
    })().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
