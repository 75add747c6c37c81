// A new process of an exit takes over from the old one: whoever comes meanwhile is served, whoever is there stays, and what only one of them can have passes on at the end.

import { once } from 'node:events';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askStatus } from '../../relay/status/ask-status.ts';
import { connectThrough } from '../support/circuit-request.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpOrigin, type Origin } from '../support/exit-origin.ts';
import { freePort } from '../support/program.ts';
import { createRelayBench, libp2pAddress, type RelayBench, type RelayProcess } from '../support/relay-process.ts';

let bench: RelayBench;
let origin: Origin;
let entry: RelayProcess;
let exit: RelayProcess;
let operations: string;

beforeAll(async () => {
  bench = await createRelayBench();
  origin = await startTcpOrigin((socket) => socket.pipe(socket), '127.0.2.43');
  entry = await bench.startEntry();
  operations = `127.0.0.1:${await freePort('127.0.0.1')}`;
  exit = await bench.startExit(
    [libp2pAddress(entry)],
    { destinations: { allow: ['127.0.2.0/24'] } },
    { operations: { listen: operations }, drainSeconds: 60 },
  );
  await entry.event('entry-exit-connected');
});
afterAll(async () => {
  await bench.clean();
  await origin.stop();
});

const through = (): Promise<TLSSocket> => connectThrough({ entry, exit, ca: bench.ca.certificate }, origin.authority);
const says = async (tunnel: TLSSocket, word: string): Promise<string> => {
  tunnel.write(word);
  return String((await once(tunnel, 'data'))[0]);
};
const readyz = async (): Promise<string> => (await fetch(`http://${operations}/readyz`)).text();

test('no tunnel is refused or cut', async () => {
  const before = await through();
  let opened = 0;
  const person = { browses: true };
  /** Somebody who opens one page after another, all the time. */
  const browsing = (async () => {
    while (person.browses) {
      const tunnel = await through();
      expect(await says(tunnel, 'page')).toBe('page');
      tunnel.destroy();
      opened += 1;
    }
  })();
  /** So many pages later. */
  const pages = (count: number): Promise<unknown> => {
    const soFar = opened;
    return Promise.race([browsing, eventually(() => expect(opened).toBeGreaterThan(soFar + count))]);
  };

  const next = await bench.startBeside(exit);
  await next.event('exit-entry-connected');
  const waits = next.lines.filter(({ event }) => event === 'waits-for-another').map(({ what }) => what);
  expect(waits).toEqual(['operations.listen', 'the status socket']);
  // The entry asks the new one what it speaks before it sends anybody there.
  await pages(20);

  exit.signal('SIGTERM');
  await exit.event('relay-draining');
  expect(await readyz()).toBe('draining\n');
  await pages(20);
  expect(await says(before, 'still here')).toBe('still here');
  const after = await through();

  // Nothing holds the old one any more.
  before.end();
  expect(await exit.ended).toBe(0);
  expect(await says(after, 'here as well')).toBe('here as well');
  await next.event('operations-ready');
  expect(await readyz()).toBe('ready\n');
  await eventually(async () =>
    expect((await askStatus(join(bench.folder, `${exit.name}.key.sock`))).exit?.tunnels.open).toBeGreaterThan(0),
  );
  person.browses = false;
  await browsing;
  expect(entry.lines.filter(({ event }) => event === 'tunnel-refused')).toEqual([]);
  expect(entry.lines.filter(({ event }) => event === 'entry-exit-lost')).toEqual([]);
  after.destroy();
  next.signal('SIGTERM');
  expect(await next.ended).toBe(0);
});

test('a relay whose ports somebody else has does not wait for them', async () => {
  const taken = await startTcpOrigin(() => undefined, '127.0.0.1');
  await expect(bench.startEntry({ operations: { listen: taken.authority } })).rejects.toThrow(
    'is in use by another program',
  );
  await taken.stop();
});
