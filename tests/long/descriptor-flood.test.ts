// A flood of descriptors: one hand, with valid keys and no bond, offers a relay 10,000 new relays within a minute, over forty connections at once. What the relay does meanwhile is held against the same relay in the minute
// before: clients are answered and circuits go on, others' descriptors stay and new ones come in, processor and memory are bounded. Prints both.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { multiaddr } from '@multiformats/multiaddr';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPaymentKey } from '../../relay/payment-key.ts';
import { decodeDescriptor } from '../../src/core/directory/descriptor.ts';
import type { ReadMark } from '../../src/core/directory/directory.ts';
import type { OpenedDescriptor } from '../../src/core/directory/open-descriptor.ts';
import { askDirectory } from '../../src/net/directory-client.ts';
import { makeDescriptors, serveAll } from '../support/descriptor-flood.ts';
import type { FloodOrder } from '../support/descriptor-flooder.ts';
import { createNode } from '../support/directory-relay.ts';
import { eventually } from '../support/eventually.ts';
import { openTunnel, receive } from '../support/relay-client.ts';
import { createRelayBench, libp2pAddress, type RelayBench, type RelayProcess } from '../support/relay-process.ts';

/** Of each of the two phases; less for a quick look. */
const PHASE_MS = Number(process.env['PHASE_MS'] ?? 60_000);
const FLOOD = Number(process.env['FLOOD'] ?? 10_000);
/** Beside the one that the relay asks by itself: each key is as good as another, and whoever asks is asked back. */
const CONNECTIONS = 40;
const OTHERS = 300;
const NEWCOMERS = 20;
const MIB = 2 ** 20;
/** Of proc(5), in a second. */
const TICKS = 100;

let bench: RelayBench;
let relay: RelayProcess;
let exit: RelayProcess;
let others: OpenedDescriptor[];
let newcomers: OpenedDescriptor[];
let honest: Awaited<ReturnType<typeof serveAll>>;
let flooder: ReturnType<typeof spawn>;
let said: Interface;
const nodes: Awaited<ReturnType<typeof createNode>>[] = [];

beforeAll(async () => {
  flooder = spawn(process.execPath, [resolve(import.meta.dirname, '../support/descriptor-flooder.ts'), String(FLOOD)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  said = createInterface({ input: flooder.stdout! });
  [others, newcomers] = [
    await makeDescriptors('other', OTHERS, 100),
    await makeDescriptors('newcomer', NEWCOMERS, 110),
  ];
  bench = await createRelayBench();
  await createPaymentKey(join(bench.folder, 'payee.key'));
  nodes.push(await createNode({ mayDial: [] }));
  honest = await serveAll(nodes[0]!.node, `0x${'01'.repeat(16)}`);
  honest.add(others);
  const { address } = await told<{ address: string }>();
  relay = await bench.startEntry({
    public: { addresses: ['127.0.1.31'], zone: 'relay.test' },
    directory: {
      neighbours: [String(nodes[0]!.node.getMultiaddrs()[0]), address],
      askSeconds: 1,
      payee: { network: 'devnet', key: 'payee.key' },
    },
  });
  exit = await bench.startRawExit([libp2pAddress(relay)]);
  await relay.event('entry-exit-connected');
}, 300_000);
afterAll(async () => {
  flooder.kill('SIGKILL');
  for (const { node } of nodes) await node.stop();
  await (await client).node.stop();
  await bench.clean();
});

/** What the flooder says next. */
async function told<T>(): Promise<T> {
  const [line] = (await once(said, 'line')) as [string];
  return JSON.parse(line) as T;
}

function cpuSeconds(): number {
  // proc(5): utime and stime are the 14th and 15th, counted from behind the name.
  const fields = readFileSync(`/proc/${relay.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

type Measured = {
  seconds: number;
  cpuSeconds: number;
  rssMiB: number;
  asks: number[];
  circuits: number[];
  failed: number;
};

const client = createNode({ mayDial: [] });
async function ask(mark?: ReadMark) {
  const { node, mayDial } = await client;
  mayDial.push(relay.identity.peerId);
  const connection = await node.dial(multiaddr(libp2pAddress(relay)));
  return askDirectory(connection, mark, { signal: AbortSignal.timeout(10_000) });
}

/** A client that asks for all that is new and a circuit that is opened, twice in a second, for as long as `work` goes on. */
async function measured(work: Promise<unknown>): Promise<Measured> {
  const found: Measured = {
    seconds: -performance.now() / 1000,
    cpuSeconds: -cpuSeconds(),
    rssMiB: 0,
    asks: [],
    circuits: [],
    failed: 0,
  };
  const over = new AbortController();
  void work.finally(() => over.abort()).catch(() => undefined);
  let mark: ReadMark | undefined;
  const timed = async (to: number[], one: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await one().catch(() => (found.failed += 1));
    to.push(performance.now() - began);
  };
  while (!over.signal.aborted) {
    await Promise.all([
      timed(found.asks, async () => ({ mark } = await ask(mark))),
      timed(found.circuits, async () => {
        const { length } = await receive(openTunnel(relay, exit, 'send 100000'));
        if (length !== 100_000) throw new Error('the circuit broke');
      }),
      delay(500),
    ]);
    found.rssMiB = Math.max(found.rssMiB, relay.rss() / MIB);
  }
  await work;
  found.cpuSeconds += cpuSeconds();
  found.seconds += performance.now() / 1000;
  return found;
}

const at = (part: number, times: readonly number[]): number =>
  [...times].sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0;

function print(name: string, { seconds, cpuSeconds: cpu, rssMiB, asks, circuits, failed }: Measured): void {
  const spread = (times: readonly number[]) => `${at(0.5, times).toFixed(0)} / ${at(0.99, times).toFixed(0)} ms`;
  console.log(
    `${name}: CPU ${cpu.toFixed(1)} s of ${seconds.toFixed(0)}, RSS at most ${rssMiB.toFixed(0)} MiB; client answers ${spread(asks)}, circuits of 100 kB ${spread(circuits)} (median / p99), failed ${failed}`,
  );
}

/** Whose descriptors it gives, each with its operator. */
async function known(): Promise<Map<string, string>> {
  const { entries } = await ask();
  return new Map(
    entries.map(({ descriptor }) => decodeDescriptor(descriptor)).map(({ peer, operator }) => [peer, operator]),
  );
}

test('a flood takes its part of the places and of the processor, and nobody else goes without', async () => {
  await eventually(async () => expect((await known()).size).toBe(OTHERS + 1));
  const quiet = await measured(delay(PHASE_MS));
  print('quiet', quiet);

  let arrivedAfter: number | undefined;
  const newcomersCome = async (): Promise<void> => {
    await delay(PHASE_MS / 4);
    honest.add(newcomers);
    const cameAt = performance.now();
    await eventually(async () => {
      const all = await known();
      expect(newcomers.every(({ descriptor }) => all.has(descriptor.peer))).toBe(true);
    });
    arrivedAfter = performance.now() - cameAt;
  };
  const order: FloodOrder = { relay: libp2pAddress(relay), phaseMs: PHASE_MS, connections: CONNECTIONS };
  flooder.stdin!.write(`${JSON.stringify(order)}\n`);
  const done = told<{ offered: number; asked: number }>();
  const flooded = await measured(Promise.all([done, newcomersCome()]));
  print('flood', flooded);

  const all = await known();
  const { offered, asked } = await done;
  const ofNames = [...all.values()].filter((operator) => operator.startsWith('flood-')).length;
  const ofOneHand = [...all.values()].filter((operator) => operator.startsWith('one-hand-')).length;
  console.log(
    `offered ${offered} by ${CONNECTIONS + 1} keys, which were asked ${asked} times; in are ${ofNames} of ${FLOOD / 2} names and ${ofOneHand} of one; ${NEWCOMERS} newcomers were known after ${((arrivedAfter ?? NaN) / 1000).toFixed(1)} s`,
  );
  expect(offered).toBe(FLOOD);
  expect(others.filter(({ descriptor }) => !all.has(descriptor.peer))).toEqual([]);
  // Of one network, fewer than of one payee.
  expect(ofOneHand).toBe(32);
  // 200 at once and then 100 in a second, whoever offers them and how many.
  expect(ofNames).toBeLessThan(200 + (100 * 1.5 * PHASE_MS) / 1000);
  expect([quiet.failed, flooded.failed]).toEqual([0, 0]);
  // Times are of a machine that makes the flood, too: these bound a relay that hangs.
  expect(arrivedAfter ?? Number.POSITIVE_INFINITY).toBeLessThan(15_000);
  expect(at(0.99, flooded.asks)).toBeLessThan(5000);
  expect(at(0.99, flooded.circuits)).toBeLessThan(5000);
  // Six answers of 10,000 hold 80 MiB, what is kept 20; V8 lets several times as much garbage lie. With forty answers it was 2,200.
  expect(flooded.rssMiB).toBeLessThan(quiet.rssMiB + 1000);
  expect(flooded.cpuSeconds - quiet.cpuSeconds).toBeLessThan(0.5 * flooded.seconds);
  expect(relay.lines.filter(({ event }) => event === 'relay-fault' || event === 'relay-crashed')).toEqual([]);
});
