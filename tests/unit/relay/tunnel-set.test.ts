// Tunnels under a meter: what is counted, and how little passes beyond the credit. Sockets are real; the stream is the one of the bridge's tests.

import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { TunnelSet } from '../../../relay/net/tunnel-set.ts';
import { createCreditMeter } from '../../support/credit-meter.ts';
import { socketPair, turns, WindowedStream } from '../../support/windowed-stream.ts';

const MIB = 2 ** 20;
/** The largest chunk of each direction: a frame of the bridge, and one read of Node. */
const CHUNK = 262_064;

const open: Socket[] = [];
afterEach(() => {
  open.splice(0).forEach((socket) => socket.destroy());
  vi.useRealTimers();
});

/** In order or by a reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

async function tunnel(set: TunnelSet, meter?: ReturnType<typeof createCreditMeter>, sent?: number) {
  const { client, served } = await socketPair();
  open.push(client, served);
  const stream = new WindowedStream();
  stream.window = Infinity;
  set.join(served, stream, { meter, ...(sent === undefined ? {} : { sent }) });
  let received = 0;
  client.on('data', (chunk: Buffer) => (received += chunk.length));
  return { client, served, stream, received: () => received };
}

test.each([
  ['socket', { up: 4 + 70_000, down: 5 }],
  ['stream', { up: 5, down: 4 + 70_000 }],
] as const)('with the payer behind the %s each byte is counted once, in its direction', async (payer, expected) => {
  const meter = createCreditMeter();
  const { client, stream } = await tunnel(new TunnelSet(payer), meter, 4);
  client.write(Buffer.alloc(70_000));
  stream.onData(Buffer.from('hello'));
  await turns(200);
  expect({ up: meter.up, down: meter.down }).toEqual(expected);
});

test('without credit neither side is read, and what had come goes on in order when there is credit', async () => {
  const meter = createCreditMeter(10);
  const { client, stream, received } = await tunnel(new TunnelSet('socket'), meter);
  stream.onData(Buffer.alloc(10));
  await meter.stalled();
  stream.onData(Buffer.alloc(1000));
  client.write(Buffer.alloc(1000));
  await turns(200);
  expect([received(), stream.sent]).toEqual([10, 0]);
  meter.give(5000);
  await turns(200);
  expect([received(), stream.sent]).toEqual([1010, 1000]);
  expect(meter.up + meter.down).toBe(2010);
});

test('a reader that has room again does not let more come while there is no credit', async () => {
  const meter = createCreditMeter(8 * MIB);
  const { client, stream } = await tunnel(new TunnelSet('socket'), meter);
  client.pause();
  stream.onData(Buffer.alloc(8 * MIB));
  await meter.stalled();
  expect(stream.readStatus).toBe('paused');
  client.resume();
  await turns(500);
  expect([client.bytesRead, stream.resumed]).toEqual([8 * MIB, 0]);
  meter.give(8 * MIB);
  await turns(10);
  expect(stream.resumed).toBe(1);
});

test('credit does not let more come while the reader has no room', async () => {
  const meter = createCreditMeter(100 * MIB);
  const { client, served, stream } = await tunnel(new TunnelSet('socket'), meter);
  client.pause();
  while (served.writableLength < served.writableHighWaterMark) {
    stream.onData(Buffer.alloc(MIB));
    await turns(20);
  }
  meter.give(1 - (100 * MIB - meter.down));
  client.write('.');
  await meter.stalled();
  const { resumed } = stream;
  meter.give(100 * MIB);
  await turns(50);
  expect([stream.resumed - resumed, stream.readStatus]).toEqual([0, 'paused']);
  client.resume();
  await turns(500);
  expect([stream.resumed - resumed, stream.readStatus]).toEqual([1, 'readable']);
});

test('of megabytes that wait behind a stall, one chunk passes for each bit of credit', async () => {
  const meter = createCreditMeter(10);
  const { stream, received } = await tunnel(new TunnelSet('socket'), meter);
  stream.onData(Buffer.alloc(10));
  await meter.stalled();
  stream.onData(Buffer.alloc(4 * MIB));
  for (let step = 1; step <= 10; step += 1) {
    meter.give(CHUNK);
    await turns(50);
    expect(meter.down).toBe(10 + step * CHUNK);
    expect(stream.readStatus).toBe('paused');
  }
  meter.give(10 * MIB);
  await turns(500);
  expect(received()).toBe(10 + 4 * MIB);
  expect(stream.readStatus).toBe('readable');
});

test('one that uses the credit up stops all of the same payer at once, and none of another', async () => {
  const set = new TunnelSet('socket');
  const [mine, others] = [createCreditMeter(1000), createCreditMeter()];
  const own = await Promise.all(Array.from({ length: 5 }, () => tunnel(set, mine)));
  const other = await tunnel(set, others);
  own[0]!.stream.onData(Buffer.alloc(1000));
  for (const { stream } of own) stream.onData(Buffer.alloc(500));
  other.stream.onData(Buffer.alloc(500));
  await turns(200);
  expect(mine.down).toBe(1000);
  expect(other.received()).toBe(500);
});

test('little credit goes round: no tunnel waits for ever behind another', async () => {
  const set = new TunnelSet('socket');
  const meter = createCreditMeter(1);
  const all = await Promise.all(Array.from({ length: 4 }, () => tunnel(set, meter)));
  all[0]!.stream.onData(Buffer.alloc(1));
  for (const { stream } of all) stream.onData(Buffer.alloc(4 * MIB));
  for (let round = 0; round < 8; round += 1) {
    meter.give(CHUNK);
    await turns(50);
    expect(meter.down).toBe(1 + (round + 1) * CHUNK);
  }
  for (const { received } of all) expect(received()).toBeGreaterThanOrEqual(CHUNK);
});

test('a tunnel that comes while the payer is out of credit waits with the others', async () => {
  const set = new TunnelSet('socket');
  const meter = createCreditMeter(1);
  const first = await tunnel(set, meter);
  first.stream.onData(Buffer.alloc(1));
  await meter.stalled();
  const second = await tunnel(set, meter);
  second.stream.onData(Buffer.alloc(100));
  second.client.write(Buffer.alloc(100));
  await turns(100);
  expect([second.received(), second.stream.sent]).toEqual([0, 0]);
  meter.give(10_000);
  await turns(100);
  expect([second.received(), second.stream.sent]).toEqual([100, 100]);
});

test('without credit for too long all tunnels of the payer are cut, and none of another', async () => {
  const set = new TunnelSet('socket');
  const meter = createCreditMeter(1, 20);
  const own = await Promise.all([tunnel(set, meter), tunnel(set, meter)]);
  const other = await tunnel(set, createCreditMeter());
  own[0].stream.onData(Buffer.alloc(1));
  await Promise.all(own.map(({ client }) => closed(client)));
  expect(own.map(({ stream }) => stream.reset)).toEqual([true, true]);
  expect(other.stream.reset).toBe(false);
  expect(set.size).toBe(1);
});

test('a meter that fails gives no credit', async () => {
  const { client, stream } = await tunnel(new TunnelSet('socket'), {
    ...createCreditMeter(),
    pass: () => false,
    wait: () => Promise.reject(new Error('no ledger')),
  });
  stream.onData(Buffer.alloc(1));
  await closed(client);
  expect(stream.reset).toBe(true);
});

test('halves end in order behind a stall, after the last byte that waited', async () => {
  const meter = createCreditMeter(1);
  const { client, stream, received } = await tunnel(new TunnelSet('socket'), meter);
  stream.onData(Buffer.alloc(1));
  await meter.stalled();
  stream.onData(Buffer.alloc(2 * MIB));
  stream.onRemoteCloseWrite();
  client.end(Buffer.alloc(100_000));
  let ended = false;
  client.on('end', () => (ended = true));
  await turns(200);
  expect([ended, stream.closed]).toEqual([false, false]);
  meter.give(MIB);
  await turns(200);
  expect([ended, stream.closed]).toEqual([false, false]);
  meter.give(4 * MIB);
  await closed(client);
  expect([received(), stream.sent, ended, stream.closed]).toEqual([1 + 2 * MIB, 100_000, true, true]);
});

test.each([
  ['of one payer: its heaviest tunnels go', { ofOne: 2.5 * MIB, ofAll: 100 * MIB }, [[true, true, false], [false]]],
  ['of all: the heaviest payer goes', { ofOne: 100 * MIB, ofAll: 5 * MIB }, [[true, true, true], [false]]],
])('what waits without credit is bounded, %s', async (_, limits, cut) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const set = new TunnelSet('socket', limits);
  const waiting = [[4 * MIB, 3 * MIB, MIB], [2 * MIB]];
  const payers = await Promise.all(
    waiting.map(async (sizes) => {
      const meter = createCreditMeter(1);
      const tunnels = [];
      for (const bytes of sizes) tunnels.push({ ...(await tunnel(set, meter)), bytes });
      tunnels[0]!.stream.onData(Buffer.alloc(1));
      await meter.stalled();
      for (const { stream, bytes } of tunnels) stream.onData(Buffer.alloc(bytes));
      return tunnels;
    }),
  );
  // One who pays, and whose reader has stopped.
  const paid = await tunnel(set, createCreditMeter());
  paid.client.pause();
  // The kernel holds some of it.
  while (paid.stream.readBufferLength < 3 * MIB) {
    paid.stream.onData(Buffer.alloc(3 * MIB));
    await turns(50);
  }
  vi.advanceTimersByTime(600);
  await turns(10);
  expect(payers.map((tunnels) => tunnels.map(({ stream }) => stream.reset))).toEqual(cut);
  expect(paid.stream.reset).toBe(false);
});

const action = fc.oneof(
  fc.record({ kind: fc.constantFrom('down', 'up'), bytes: fc.integer({ min: 1, max: 400_000 }) }),
  fc.record({ kind: fc.constantFrom('credit', 'window'), bytes: fc.integer({ min: 1, max: 600_000 }) }),
  fc.record({ kind: fc.constantFrom('look away', 'look'), bytes: fc.constant(0) }),
);

test('whatever comes when, every byte arrives once and in order, is counted once, and each half ends after its last', async () => {
  const run = async (actions: { kind: string; bytes: number }[]): Promise<void> => {
    const meter = createCreditMeter(1);
    const { client, served } = await socketPair();
    open.push(client, served);
    const stream = new WindowedStream();
    new TunnelSet('socket').join(served, stream, { meter });
    const [sentDown, sentUp, received] = [createHash('sha256'), createHash('sha256'), createHash('sha256')];
    client.on('data', (chunk: Buffer) => received.update(chunk));
    const sum = { down: 0, up: 0, credit: 1 };
    const act = (kind: string, bytes: number): void => {
      if (kind === 'down') {
        // More than a paused stream may hold would end it.
        if (stream.readBufferLength > 3 * MIB) return;
        const chunk = randomBytes(bytes);
        sentDown.update(chunk);
        sum.down += bytes;
        stream.onData(chunk);
      } else if (kind === 'up') {
        const chunk = randomBytes(bytes);
        sentUp.update(chunk);
        sum.up += bytes;
        client.write(chunk);
      } else if (kind === 'credit') {
        sum.credit += bytes;
        meter.give(bytes);
      } else if (kind === 'window') stream.open(bytes);
      else if (kind === 'look') client.resume();
      else client.pause();
    };
    for (const { kind, bytes } of actions) {
      act(kind, bytes);
      await turns(2);
      expect(meter.up + meter.down).toBeLessThan(sum.credit + CHUNK);
    }
    const streamEnd = new Promise((resolve) => stream.addEventListener('close', resolve));
    client.resume();
    client.end();
    stream.onRemoteCloseWrite();
    meter.give(Infinity);
    stream.open(Infinity);
    await Promise.all([closed(client), streamEnd]);
    expect([meter.down, meter.up, stream.sent]).toEqual([sum.down, sum.up, sum.up]);
    expect(received.digest('hex')).toBe(sentDown.digest('hex'));
    expect(stream.hash.digest('hex')).toBe(sentUp.digest('hex'));
    expect(stream.reset).toBe(false);
  };
  await fc.assert(fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), run), { numRuns: 30 });
});
