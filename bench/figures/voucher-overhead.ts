// What paying costs a download: the same 300 MB through two networks side by side, one whose relays are paid and one whose are not, in turns. The payer's engine runs
// here, so that all of it is counted. Judged by the time of the cores of entry, exit and payer, since wall time on a machine with other work
// is mostly that work; wall time stands beside it. What the processes spend while nothing is carried is taken off all. A second network that is not paid stands beside them, for what
// two differ by that differ in nothing, and all are started anew for each round: how fast a process is depends on how it came to lie in memory.

import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Circuit } from '../../src/core/circuit/choose-circuit.ts';
import { download, TRANSFER_BYTES } from '../curl.ts';
import { startOrigin, type Origin } from '../origin.ts';
import { startPayingClient } from '../paying-client.ts';
import type { Amount, Figure } from '../figure.ts';
import { median, spread } from '../stats.ts';
import { startNetwork, type Network } from '../../devnet/network.ts';

const MUST_PERCENT = 2;
/** A second of what relays on this machine carry to one client (the figure "download"), as an operator sets it who has such a line; the default is for half a Gbit/s. */
const INCREMENT_MIB = 256;
/** As well; on the devnet it is a second, which is 15 times the work. */
const WATCH_SECONDS = 15;
/** Of Linux: what /proc counts in. */
const TICK_MS = 10;
/** Until the code is compiled, the windows have grown, and the first transit channel is open. */
const WARM_UP = 3;
/** What was started is compiled and quiet by then. */
const SETTLE_MS = 5000;
const IDLE_MS = 10_000;

/** `idle`: time of the cores for each ms of wall while nothing is carried. */
type Way = { network: Network; through: Circuit; pids: number[]; idle: number };
type Cost = { coreMs: number; wallMs: number };

type Init = { portBase: number; logs: string };
/** `other`: a second one that is not paid, for what two networks differ by that differ in nothing. */
type Kind = 'paid' | 'unpaid' | 'other';
type Turn = Record<Kind, Cost>;
type Round = { turns: Turn[]; vouchers: number; idle: Record<Kind, number> };

const TURNS = 15;
const KINDS: readonly Kind[] = ['paid', 'unpaid', 'other'];

export async function measureVoucherOverhead(init: Record<Kind, Init>, { quick }: Amount): Promise<Figure> {
  const rounds: Round[] = [];
  for (let round = 0; round < (quick ? 2 : 6); round += 1) rounds.push(await measureRound(init));
  return figureOf(rounds);
}

async function measureRound(init: Record<Kind, Init>): Promise<Round> {
  const networks = {
    paid: await startNetwork({
      ...init.paid,
      payments: true,
      incrementMiB: INCREMENT_MIB,
      watchSeconds: WATCH_SECONDS,
    }),
    unpaid: await startNetwork(init.unpaid),
    other: await startNetwork(init.other),
  };
  const origin = await startOrigin(TRANSFER_BYTES);
  try {
    const ways = byKind((kind) => wayThrough(networks[kind]));
    const client = await startPayingClient(networks.paid, ways.paid.through);
    ways.paid.through = { ...ways.paid.through, proxyPort: client.port };
    await wait(SETTLE_MS);
    for (const kind of KINDS) ways[kind].idle = await idleOf(ways[kind]);
    const turns: Turn[] = [];
    for (let turn = -WARM_UP; turn < TURNS; turn += 1) {
      const costs: Partial<Turn> = {};
      // Who goes first changes: what grows over a turn falls on all.
      const first = (turn + WARM_UP) % KINDS.length;
      for (const kind of [...KINDS.slice(first), ...KINDS.slice(0, first)]) {
        costs[kind] = await measure(ways[kind], origin);
      }
      if (turn >= 0) turns.push(costs as Turn);
    }
    const vouchers = client.vouchers();
    await client.close();
    return { turns, vouchers: vouchers / (TURNS + WARM_UP), idle: byKind((kind) => ways[kind].idle) };
  } finally {
    await origin.close();
    for (const kind of KINDS) await networks[kind].close();
  }
}

function byKind<T>(make: (kind: Kind) => T): Record<Kind, T> {
  return { paid: make('paid'), unpaid: make('unpaid'), other: make('other') };
}

function figureOf(rounds: readonly Round[]): Figure {
  const all = rounds.flatMap(({ turns }) => turns);
  const percent = (kind: Kind, what: keyof Cost, turns = all): number[] =>
    turns.map((turn) => 100 * (turn[kind][what] / turn.unpaid[what] - 1));
  const core = percent('paid', 'coreMs');
  const overhead = median(core);
  const of = (kind: Kind, what: keyof Cost): string =>
    spread(
      all.map((turn) => turn[kind][what]),
      0,
    );
  const each = (kind: Kind): string =>
    rounds.map(({ turns }) => median(percent(kind, 'coreMs', turns)).toFixed(1)).join(', ');
  const idle = (kind: Kind): string => (1000 * median(rounds.map((round) => round.idle[kind]))).toFixed(0);
  return {
    name: `voucher overhead on one ${TRANSFER_BYTES / 1e6} MB download, time of the cores`,
    must: `<= ${MUST_PERCENT} %`,
    measured: `${overhead.toFixed(1)} %`,
    reached: overhead <= MUST_PERCENT,
    detail:
      `${spread(core, 1)} %, ${all.length} turns in rounds of ${each('paid')} %; middle half ${quartile(core, 0.25).toFixed(1)} to ${quartile(core, 0.75).toFixed(1)} %; ` +
      `two that are not paid differ by ${median(percent('other', 'coreMs')).toFixed(1)} %, in rounds of ${each('other')} %; ` +
      `entry, exit, payer and origin ${of('paid', 'coreMs')} ms paid, ${of('unpaid', 'coreMs')} ms not; ` +
      `wall ${median(percent('paid', 'wallMs')).toFixed(1)} % (${of('paid', 'wallMs')} ms paid, ${of('unpaid', 'wallMs')} ms not), the two that are not paid ${median(percent('other', 'wallMs')).toFixed(1)} %; ` +
      `${median(rounds.map(({ vouchers }) => vouchers)).toFixed(0)} vouchers each; taken off for what is spent idle ${idle('paid')} and ${idle('unpaid')} ms for each second`,
  };
}

function wayThrough(network: Network): Way {
  const [through] = network.circuits;
  if (through === undefined) throw new Error('the devnet has no circuit');
  const on = [through.entry.peer, through.exit.peer];
  const pids = network.relays.filter(({ label }) => on.includes(label)).map(({ process }) => process.pid);
  return { network, through, pids, idle: 0 };
}

async function measure({ network, through, pids, idle }: Way, origin: Origin): Promise<Cost> {
  const cost = await costOf(pids, () => download(network, { url: origin.url, through, hash: false }));
  return { ...cost, coreMs: cost.coreMs - idle * cost.wallMs };
}

async function idleOf({ pids }: Way): Promise<number> {
  const { coreMs, wallMs } = await costOf(pids, () => wait(IDLE_MS));
  return coreMs / wallMs;
}

/** Of the processes and of this one. */
async function costOf(pids: readonly number[], work: () => Promise<unknown>): Promise<Cost> {
  const before = pids.map(coreTime);
  const own = process.cpuUsage();
  const start = performance.now();
  await work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(own);
  const relays = pids.reduce((sum, pid, index) => sum + coreTime(pid) - (before[index] ?? 0), 0);
  return { coreMs: relays + (user + system) / 1000, wallMs };
}

/** Of a process with all of its threads, ms. */
function coreTime(pid: number): number {
  // The name may hold spaces and brackets; what follows it does not (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function quartile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}
