// The wire between harness and server-main.ts: calls by name with plain values, one reply each. The harness's side is here.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RelayRecord } from '../../../src/core/directory/relay-record.ts';
import type { LogLine } from '../../../devnet/relay-process.ts';
import type { SeenQuery } from '../../../devnet/zone-dns.ts';
import type { OriginRequest } from './origin.ts';

export type ServerCalls = {
  /** Questions to the name server, from the given index on. */
  queries(since: number): Promise<readonly SeenQuery[]>;
  /** Requests that reached a site, from the given index on. */
  requests(since: number): Promise<readonly OriginRequest[]>;
  /** What a relay wrote to its log, from the given line on. */
  log(relay: string, since: number): Promise<readonly LogLine[]>;
  /** Relays that ended although nobody ended them. */
  deaths(): Promise<readonly string[]>;
  /** These names, and all below them, do not resolve until the next call. */
  setGone(domains: readonly string[]): Promise<void>;
  /** SIGSTOP freezes a relay, SIGCONT lets it go on. */
  signal(relay: string, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): Promise<void>;
  /** SIGKILL. */
  kill(relay: string): Promise<void>;
  /** In the place of a relay something else answers its callers: bytes without a meaning, until `restart`. */
  garble(relay: string): Promise<void>;
  /** Starts a relay again, killed or not, and waits until it is of use. */
  restart(relay: string): Promise<void>;
  /** Gives a relay another certificate, valid for that long from now; a negative time makes it an expired one. */
  setCertificate(relay: string, validMs: number): Promise<void>;
  close(): Promise<void>;
};

export type Request = { id: number; call: keyof ServerCalls; words: unknown[] };
export type Reply = { id: number; value?: unknown; error?: string };

export type ServerRelay = {
  name: string;
  role: 'entry' | 'exit';
  operator: string;
  label: string;
  address: string;
  pid: number;
};

export type ServerFacts = {
  caFile: string;
  /** What the update server serves. */
  updates: string;
  logs: string;
  records: RelayRecord[];
  relays: ServerRelay[];
};

export type Server = ServerCalls & { facts: ServerFacts };

/** Enough for an error with its place. */
const LAST_LINES = 8;

const MAIN = new URL('./server-main.ts', import.meta.url).pathname;

/**
 * Starts the servers in the namespace, and waits until every relay is connected.
 * @param exitProgram what runs in the place of every exit's daemon
 */
export async function startServer(namespace: string, folder: string, exitProgram = ''): Promise<Server> {
  const words = ['netns', 'exec', namespace, process.execPath, MAIN, folder, exitProgram];
  const child = spawn('ip', words, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], detached: true });
  const lastText: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (text) => {
    console.error(text);
    lastText.push(text);
    if (lastText.length > LAST_LINES) lastText.shift();
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  const ended = once(child, 'close');
  const facts = await new Promise<ServerFacts>((resolve, reject) => {
    child.on('message', (message) => {
      const { ready, ...reply } = message as Reply & { ready?: ServerFacts };
      if (ready) {
        resolve(ready);
        return;
      }
      const caller = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.error === undefined) caller?.resolve(reply.value);
      else caller?.reject(new Error(`the servers: ${reply.error}`));
    });
    child.once('error', reject);
    child.once('close', () => {
      reject(new Error(`the servers did not start: ${lastText.join(' | ') || 'they said nothing'}`));
      for (const { reject: refuse } of waiting.values()) refuse(new Error('the servers are gone'));
    });
  });
  const call = (name: keyof ServerCalls, ...given: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      child.send({ id, call: name, words: given } satisfies Request);
    });
  const verb = <K extends keyof ServerCalls>(name: K): ServerCalls[K] =>
    ((...given: unknown[]) => call(name, ...given)) as unknown as ServerCalls[K];
  return {
    facts,
    queries: verb('queries'),
    requests: verb('requests'),
    log: verb('log'),
    deaths: verb('deaths'),
    setGone: verb('setGone'),
    signal: verb('signal'),
    kill: verb('kill'),
    garble: verb('garble'),
    restart: verb('restart'),
    setCertificate: verb('setCertificate'),
    close: async () => {
      await call('close');
      await ended;
    },
  };
}
