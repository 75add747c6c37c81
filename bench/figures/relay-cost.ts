// What carrying bytes and holding tunnels costs the two relays of a circuit: processor time, bytes on the link between them, memory. From these docs/operators.md says what a small
// server can carry.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Network } from '../../devnet/network.ts';
import type { Relay } from '../../devnet/relays.ts';
import type { Circuit } from '../../src/core/circuit/choose-circuit.ts';
import { download, TRANSFER_BYTES } from '../curl.ts';
import type { Amount, Figure } from '../figure.ts';
import { openHeldTunnels, startPulsingOrigin } from '../held-tunnels.ts';
import { startOrigin } from '../origin.ts';
import { median } from '../stats.ts';
import { withUsage } from '../usage.ts';

const run = promisify(execFile);
const GIGABYTE = 1e9;
const TUNNELS = 1000;
/** Before those that are measured, and beside them: what is allocated once, by the first tunnels, is not theirs. */
const FIRST = 300;
/** What V8 had not given back yet of the tunnels' beginning, or had put off, is over by then. */
const SETTLE_MS = 10_000;

type Pair = readonly [entry: number, exit: number];

export async function measureRelayCost(network: Network, { quick }: Amount): Promise<Figure[]> {
  const [circuit] = network.circuits;
  if (circuit === undefined) throw new Error('the devnet has no circuit');
  const relayOf = (peer: string): Relay => {
    const relay = network.relays.find(({ label }) => label === peer);
    if (relay === undefined) throw new Error('a relay of the circuit does not run');
    return relay;
  };
  const relays = [relayOf(circuit.entry.peer), relayOf(circuit.exit.peer)] as const;
  const pids: Pair = [relays[0].process.pid, relays[1].process.pid];
  const processes = relays.map(({ name, process: { pid } }) => ({ name, pid }));
  const origin = await startOrigin(TRANSFER_BYTES);
  const work = (): Promise<unknown> => download(network, { url: origin.url, through: circuit, hash: false });
  const cpu: Pair[] = [];
  const link: number[] = [];
  try {
    await work();
    for (let round = 0; round < (quick ? 3 : 9); round += 1) {
      const { usage } = await withUsage(processes, work);
      cpu.push([usage[0]?.cpuSeconds ?? Number.NaN, usage[1]?.cpuSeconds ?? Number.NaN]);
      link.push(await measureLink(network, circuit, origin.url, relays));
    }
  } finally {
    await origin.close();
  }
  const perGigabyte = ([0, 1] as const).map(
    (index) => (median(cpu.map((each) => each[index])) * GIGABYTE) / TRANSFER_BYTES,
  );
  return [
    {
      name: 'processor time of a GB, entry and exit',
      must: 'no limit',
      measured: perGigabyte.map((each) => `${each.toFixed(1)} s`).join(', '),
      reached: true,
      detail: `${cpu.length} downloads of ${TRANSFER_BYTES / 1e6} MB, medians`,
    },
    {
      name: 'bytes between the relays for each delivered',
      must: 'no limit',
      measured: median(link).toFixed(4),
      reached: true,
      detail: 'payload of TCP: the client’s TLS, and TLS between the relays; by ss(8)',
    },
    ...(await measureMemory(network, circuit, pids)),
  ];
}

async function measureMemory(network: Network, circuit: Circuit, pids: Pair): Promise<Figure[]> {
  const origin = await startPulsingOrigin();
  const open = (count: number) => openHeldTunnels(network, circuit, origin.authority, count);
  try {
    // They stay: the memory of tunnels that have ended would be taken again, and the next ones seem to need a third of what they do.
    const first = await open(FIRST);
    await delay(SETTLE_MS);
    const before = await residentOf(pids);
    const held = await open(TUNNELS);
    await delay(SETTLE_MS);
    const idle = await residentOf(pids);
    origin.pulse(true);
    await delay(SETTLE_MS);
    const active = await residentOf(pids);
    origin.pulse(false);
    held.close();
    first.close();
    const kilobytes = (now: Pair): Pair => [
      (now[0] - before[0]) / TUNNELS / 1000,
      (now[1] - before[1]) / TUNNELS / 1000,
    ];
    const figure = (name: string, now: Pair, most: number): Figure => ({
      name,
      must: `≤ ${most} kB at a relay`,
      measured: kilobytes(now)
        .map((each) => `${each.toFixed(1)} kB`)
        .join(', '),
      reached: kilobytes(now).every((each) => each <= most),
      detail: `${TUNNELS} tunnels beside ${FIRST}; entry, exit; resident memory`,
    });
    return [figure('an idle tunnel', idle, 25), figure(`a tunnel at ${origin.kilobits} kbit/s`, active, 150)];
  } finally {
    await origin.close();
  }
}

/** What the exit sends its entry for each byte of a download, whose tunnel stays until that is looked at: the kernel forgets what has ended. */
async function measureLink(
  network: Network,
  circuit: Circuit,
  url: string,
  [entry, exit]: readonly [Relay, Relay],
): Promise<number> {
  const { host } = new URL(url);
  const before = await sentBy(exit.process.pid, entry.address);
  const held = await openHeldTunnels(network, circuit, host, 1);
  const [socket] = held.sockets;
  let bytes = 0;
  const { promise: whole, resolve } = Promise.withResolvers<undefined>();
  socket?.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes >= TRANSFER_BYTES) resolve(undefined);
  });
  socket?.write(`GET ${new URL(url).pathname} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  await whole;
  const after = await sentBy(exit.process.pid, entry.address);
  held.close();
  return (after - before) / bytes;
}

/** Payload that a process has sent over its connections to that address, bytes; nothing else is carried meanwhile. */
async function sentBy(pid: number, address: string): Promise<number> {
  const { stdout } = await run('ss', ['-tinpHO', `dst ${address}`]);
  const own = stdout.split('\n').filter((line) => line.includes(`pid=${pid},`));
  return own.reduce((sum, line) => sum + Number(/bytes_sent:(\d+)/.exec(line)?.[1] ?? 0), 0);
}

async function residentOf(pids: Pair): Promise<Pair> {
  const read = async (pid: number): Promise<number> => {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? Number.NaN) * 1024;
  };
  return [await read(pids[0]), await read(pids[1])];
}
