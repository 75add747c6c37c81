// Relays that vanish, come back or are told to stop: a cut is seen as a cut, a link is made again, an end comes within 10 s.

import { once } from 'node:events';
import { expect, test, type TestContext } from 'vitest';
import { openTunnel, receive } from '../support/relay-client.ts';
import { patternHash } from '../support/relay-pattern.ts';
import { createRelayBench, libp2pAddress, type RelayBench, type RelayProcess } from '../support/relay-process.ts';
import { isLong } from '../support/length.ts';

const STOP_LIMIT_MS = 10_000;

type Pair = { bench: RelayBench; entry: RelayProcess; exit: RelayProcess };

/** Of one test: it kills them. */
async function startPair({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Promise<Pair> {
  const bench = await createRelayBench();
  onTestFinished(() => bench.clean());
  const entry = await bench.startEntry();
  const exit = await bench.startRawExit([libp2pAddress(entry)]);
  await entry.event('entry-exit-connected');
  return { bench, entry, exit };
}

// At once where most of the time is the wait of a relay that ends, or of an exit that dials again.
test.concurrent.for(['SIGKILL', 'SIGTERM'] as const)(
  'an exit ended by %s in the middle of a download cuts it: no clean end',
  async (signal, context) => {
    const { entry, exit } = await startPair(context);
    const flowing = openTunnel(entry, exit, 'send 3000000000');
    const silent = openTunnel(entry, exit, 'hang');
    await Promise.all([once(flowing, 'readable'), once(silent, 'readable')]);
    exit.signal(signal);
    const [download, idle] = await Promise.all([receive(flowing), receive(silent)]);
    expect(download.clean).toBe(false);
    expect(download.length).toBeLessThan(3_000_000_000);
    expect(idle.clean).toBe(false);
    await entry.event('entry-exit-lost');
    // And the next one is told at once.
    const next = openTunnel(entry, exit, 'send 10');
    expect(await receive(next)).toMatchObject({ length: 0, clean: false });
  },
);

test.concurrent('an entry that is restarted is found again by its exit', async (context) => {
  const { bench, entry, exit } = await startPair(context);
  const cut = openTunnel(entry, exit, 'hang');
  await once(cut, 'readable');
  const from = exit.lines.length;
  const gone = receive(cut);
  entry.signal('SIGKILL');
  await gone; // the kernel ends the connections of a killed process as it likes
  await exit.event('exit-entry-lost', from);
  const again = await bench.restartEntry(entry);
  await again.event('entry-exit-connected');
  const socket = openTunnel(again, exit, 'send 5000');
  expect((await receive(socket)).sha256).toBe(patternHash(5000));
  socket.end();
});

test.runIf(isLong).concurrent('tunnels that never end do not keep a relay from ending', async (context) => {
  const { entry, exit } = await startPair(context);
  const endless = openTunnel(entry, exit, 'hang');
  await once(endless, 'readable');
  const client = receive(endless);
  const start = performance.now();
  entry.signal('SIGTERM');
  expect(await entry.ended).toBe(0);
  expect(performance.now() - start).toBeLessThan(STOP_LIMIT_MS);
  expect((await client).clean).toBe(false);
});

test('a client that vanishes frees the tunnel at the exit', async (context) => {
  const { entry, exit } = await startPair(context);
  const socket = openTunnel(entry, exit, 'send 3000000000');
  await once(socket, 'readable');
  socket.resetAndDestroy();
  // The exit can only stop within its grace when nothing of the tunnel is left.
  const start = performance.now();
  exit.signal('SIGTERM');
  expect(await exit.ended).toBe(0);
  expect(performance.now() - start).toBeLessThan(4000);
});

test('SIGTERM lets a running download end, refuses new ones, and ends both relays in time', async (context) => {
  const { entry, exit } = await startPair(context);
  const slow = openTunnel(entry, exit, 'send 50000000');
  await once(slow, 'readable');
  const start = performance.now();
  entry.signal('SIGTERM');
  await entry.event('relay-draining');
  // read() only now: the tunnel was still full when the drain began.
  const received = await receive(slow);
  slow.end();
  expect(received).toMatchObject({ length: 50_000_000, clean: true });
  expect(await entry.ended).toBe(0);
  exit.signal('SIGTERM');
  expect(await exit.ended).toBe(0);
  expect(performance.now() - start).toBeLessThan(STOP_LIMIT_MS);
  expect(entry.lines.at(-1)?.event).toBe('relay-stopped');
});
