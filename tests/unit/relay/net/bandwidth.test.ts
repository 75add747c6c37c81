// Which tunnels share a limit, and what a limit does to tunnels: it holds them, loses nothing, and lets credit hold them as well.

import type { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { Bandwidth, type BandwidthKeys } from '../../../../relay/net/bandwidth.ts';
import { TunnelSet } from '../../../../relay/net/tunnel-set.ts';
import { createCreditMeter } from '../../../support/credit-meter.ts';
import { socketPair, turns, WindowedStream } from '../../../support/windowed-stream.ts';

const open: Socket[] = [];
afterEach(() => {
  open.splice(0).forEach((socket) => socket.destroy());
  vi.useRealTimers();
});

async function tunnel(
  set: TunnelSet,
  bandwidth: Bandwidth,
  keys: BandwidthKeys,
  meter?: ReturnType<typeof createCreditMeter>,
) {
  const { client, served } = await socketPair();
  open.push(client, served);
  const stream = new WindowedStream();
  stream.window = Infinity;
  set.join(served, stream, { meter, share: bandwidth.enter(keys) });
  let received = 0;
  client.on('data', (chunk: Buffer) => (received += chunk.length));
  return { client, stream, received: () => received };
}

test('nothing is limited that has no limit', () => {
  const bandwidth = new Bandwidth({});
  expect(bandwidth.enter({ lease: 'a', link: 'x' }).meters).toEqual([]);
  // And so nobody looks at the bytes.
  expect(new Bandwidth({ lease: 64 }).enter({ link: 'x' }).meters).toEqual([]);
});

test('tunnels of one lease share its limit, those of one link theirs, all the total; each has its own', () => {
  const bandwidth = new Bandwidth({ tunnel: 64, lease: 64, link: 64, total: 64 });
  const [one, same, other] = [
    bandwidth.enter({ lease: 'a', link: 'x' }),
    bandwidth.enter({ lease: 'a', link: 'y' }),
    bandwidth.enter({ lease: 'b', link: 'x' }),
  ];
  const shared = (a: typeof one, b: typeof one): boolean[] => a.meters.map((meter) => b.meters.includes(meter));
  expect(shared(one, same)).toEqual([false, true, false, true]);
  expect(shared(one, other)).toEqual([false, false, true, true]);
  // Kept while a tunnel runs, and no longer.
  one.leave();
  one.leave();
  expect(shared(same, bandwidth.enter({ lease: 'a', link: 'z' }))[1]).toBe(true);
  const [, lease] = same.meters;
  same.leave();
  bandwidth.enter({ lease: 'b', link: 'z' });
  const again = new Bandwidth({ lease: 64 });
  const first = again.enter({ lease: 'a', link: 'x' });
  first.leave();
  expect(again.enter({ lease: 'a', link: 'x' }).meters[0]).not.toBe(first.meters[0]);
  expect(lease).toBeDefined();
});

test('a limit has its tunnels wait, both ways, and every byte comes in the end', async () => {
  const waits = vi.fn();
  const bandwidth = new Bandwidth({ total: 64 }, waits);
  const set = new TunnelSet('socket');
  const one = await tunnel(set, bandwidth, { link: 'x' });
  const other = await tunnel(set, bandwidth, { link: 'y' });
  one.stream.onData(Buffer.alloc(100_000));
  await turns(50);
  expect(waits).toHaveBeenCalledExactlyOnceWith('total');
  // Held: neither what comes for the other one, nor what it sends.
  other.stream.onData(Buffer.alloc(500));
  other.client.write(Buffer.alloc(700));
  await turns(100);
  expect([other.received(), other.stream.sent]).toEqual([0, 0]);
  bandwidth.change({});
  await turns(300);
  expect([one.received(), other.received(), other.stream.sent]).toEqual([100_000, 500, 700]);
});

test('a tunnel that a limit lets go still waits for credit, and the other way round', async () => {
  const bandwidth = new Bandwidth({ tunnel: 64 });
  const set = new TunnelSet('socket');
  const meter = createCreditMeter(100_000);
  const one = await tunnel(set, bandwidth, { link: 'x' }, meter);
  // Both the credit and the allowance are used up by this.
  one.stream.onData(Buffer.alloc(100_000));
  await meter.stalled();
  one.stream.onData(Buffer.alloc(1000));
  bandwidth.change({});
  await turns(200);
  expect(one.received()).toBe(100_000);
  meter.give(1_000_000);
  await turns(200);
  expect(one.received()).toBe(101_000);

  bandwidth.change({ tunnel: 64 });
  one.stream.onData(Buffer.alloc(200_000));
  await turns(100);
  one.stream.onData(Buffer.alloc(900_000));
  await turns(200);
  expect(one.received()).toBe(301_000);
  meter.give(5_000_000);
  await turns(200);
  expect(one.received()).toBe(301_000);
  bandwidth.change({});
  await turns(400);
  expect(one.received()).toBe(1_201_000);
});

test('what is held for a limit is cut with the rest when the relay ends', async () => {
  const bandwidth = new Bandwidth({ total: 64 });
  const set = new TunnelSet('socket');
  const { client, stream } = await tunnel(set, bandwidth, { link: 'x' });
  client.on('error', () => undefined);
  stream.onData(Buffer.alloc(200_000));
  await turns(50);
  const closed = new Promise((resolve) => client.once('close', resolve));
  await set.drain(0);
  await closed;
  expect(set.size).toBe(0);
});
