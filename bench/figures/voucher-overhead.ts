// What paying costs a download: the same 300 MB through two networks side by side, one whose relays are paid and one whose are not, in turns. The payer's engine runs
// here, so that all of it is counted. Judged by the time of the cores of entry, exit and payer, since wall time on a machine with other work
// is mostly that work; wall time stands beside it. What the processes spend while nothing is carried is taken off both: relays of the devnet ask their chain each second,
// where others ask every 15.

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
/** The relay's own default. */
const INCREMENT_MIB = 64;
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

/** @param plain a network that is paid nothing */
export async function measureVoucherOverhead(
  plain: Network,
  init: { portBase: number; logs: string },
  { quick }: Amount,
): Promise<Figure> {
  const paid = await startNetwork({ ...init, payments: true, incrementMiB: INCREMENT_MIB });
  const origin = await startOrigin(TRANSFER_BYTES);
  try {
    const unpaidWay = wayThrough(plain);
    const paidWay = wayThrough(paid);
    const client = await startPayingClient(paid, paidWay.through);
    paidWay.through = { ...paidWay.through, proxyPort: client.port };
    await wait(SETTLE_MS);
    for (const way of [paidWay, unpaidWay]) way.idle = await idleOf(way);
    const costs: { paid: Cost; unpaid: Cost }[] = [];
    const pairs = quick ? 30 : 60;
    for (let pair = -WARM_UP; pair < pairs; pair += 1) {
      // Who goes first changes: what grows over a pair falls on both.
      const paidFirst = pair % 2 === 0;
      const first = await measure(paidFirst ? paidWay : unpaidWay, origin);
      const second = await measure(paidFirst ? unpaidWay : paidWay, origin);
      if (pair >= 0) costs.push(paidFirst ? { paid: first, unpaid: second } : { paid: second, unpaid: first });
    }
    const vouchers = client.vouchers();
    await client.close();
    return figureOf(costs, vouchers / (pairs + WARM_UP), { paid: paidWay.idle, unpaid: unpaidWay.idle });
  } finally {
    await origin.close();
    await paid.close();
  }
}

function figureOf(
  costs: readonly { paid: Cost; unpaid: Cost }[],
  vouchers: number,
  idle: { paid: number; unpaid: number },
): Figure {
  const percent = (of: keyof Cost): number[] => costs.map(({ paid, unpaid }) => 100 * (paid[of] / unpaid[of] - 1));
  const core = percent('coreMs');
  const overhead = median(core);
  const of = (way: 'paid' | 'unpaid', what: keyof Cost): string =>
    spread(
      costs.map((cost) => cost[way][what]),
      0,
    );
  return {
    name: `voucher overhead on one ${TRANSFER_BYTES / 1e6} MB download, time of the cores`,
    must: `<= ${MUST_PERCENT} %`,
    measured: `${overhead.toFixed(1)} %`,
    reached: overhead <= MUST_PERCENT,
    detail:
      `pairs ${spread(core, 1)} %, ${costs.length} of them; middle half ${quartile(core, 0.25).toFixed(1)} to ${quartile(core, 0.75).toFixed(1)} %; ` +
      `entry, exit, payer and origin ${of('paid', 'coreMs')} ms paid, ${of('unpaid', 'coreMs')} ms not; ` +
      `wall ${spread(percent('wallMs'), 1)} % (${of('paid', 'wallMs')} ms paid, ${of('unpaid', 'wallMs')} ms not); ` +
      `${vouchers.toFixed(0)} vouchers each; taken off for what is spent idle ${(1000 * idle.paid).toFixed(0)} and ${(1000 * idle.unpaid).toFixed(0)} ms for each second`,
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
