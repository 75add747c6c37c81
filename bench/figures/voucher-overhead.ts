// What paying costs a download: the same 300 MB through the same two relays, paid for and not, in turns (bench/uncounted-relay.ts). The payer's engine runs here, so that
// all of it is counted. Judged by the time of the cores of entry, exit, payer and origin, since wall time on a machine with other work is mostly that
// work; wall time stands beside it. Each turn has a second download that is not paid, for what two differ by that differ in nothing. Two networks,
// one of them without payments, would not do: the same program started twice differs by several percent in how fast it is.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Circuit } from '../../src/core/circuit/choose-circuit.ts';
import { download, TRANSFER_BYTES } from '../curl.ts';
import { startOrigin, type Origin } from '../origin.ts';
import { startPayingClient } from '../paying-client.ts';
import type { Amount, Figure } from '../figure.ts';
import { meanWithError, median, percentile, spread } from '../stats.ts';
import { startNetwork, type Network } from '../../devnet/network.ts';
import type { Relay } from '../../devnet/relays.ts';

const PROGRAM = fileURLToPath(new URL('../uncounted-relay.ts', import.meta.url));
const MUST_PERCENT = 2;
/** A second of what relays on this machine carry to one client (the figure "download"), as an operator sets it who has such a line; the default is for half a Gbit/s. */
const INCREMENT_MIB = 256;
/** As well; on the devnet it is a second, and the looks at the chain would be spread over both. */
const WATCH_SECONDS = 15;
/** Of Linux: what /proc counts in. */
const TICK_MS = 10;
/** Until the code is compiled, the windows have grown, and the first transit channel is open. */
const WARM_UP = 6;

type Cost = { coreMs: number; wallMs: number };
/** `other`: not paid either. */
type Kind = 'paid' | 'unpaid' | 'other';
type Turn = Record<Kind, Cost>;

const KINDS: readonly Kind[] = ['paid', 'unpaid', 'other'];

export async function measureVoucherOverhead(
  init: { portBase: number; logs: string },
  { quick }: Amount,
): Promise<Figure> {
  const network = await startNetwork({
    ...init,
    ...{ payments: true, incrementMiB: INCREMENT_MIB, watchSeconds: WATCH_SECONDS },
    ...{ entryProgram: PROGRAM, exitProgram: PROGRAM },
  });
  const origin = await startOrigin(TRANSFER_BYTES);
  try {
    const [through] = network.circuits;
    if (through === undefined) throw new Error('the devnet has no circuit');
    const client = await startPayingClient(network, through);
    const way = new Way(network, { ...through, proxyPort: client.port });
    const turns: Turn[] = [];
    for (let turn = -WARM_UP; turn < (quick ? 30 : 120); turn += 1) {
      const costs: Partial<Turn> = {};
      // Who goes first changes: what grows over a turn falls on all.
      const first = (turn + WARM_UP) % KINDS.length;
      for (const kind of [...KINDS.slice(first), ...KINDS.slice(0, first)]) {
        await way.count(kind === 'paid');
        costs[kind] = await way.measure(origin);
      }
      if (turn >= 0) turns.push(costs as Turn);
    }
    const vouchers = client.vouchers() / (turns.length + WARM_UP);
    await client.close();
    return figureOf(turns, vouchers);
  } finally {
    await origin.close();
    await network.close();
  }
}

function figureOf(turns: readonly Turn[], vouchers: number): Figure {
  const percent = (kind: Kind, what: keyof Cost): number[] =>
    turns.map((turn) => 100 * (turn[kind][what] / turn.unpaid[what] - 1));
  const core = percent('paid', 'coreMs');
  const control = percent('other', 'coreMs');
  const overhead = median(core);
  const of = (kind: Kind, what: keyof Cost): string =>
    spread(
      turns.map((turn) => turn[kind][what]),
      0,
    );
  return {
    name: `voucher overhead on one ${TRANSFER_BYTES / 1e6} MB download, time of the cores`,
    must: `<= ${MUST_PERCENT} %`,
    measured: `${overhead.toFixed(1)} %`,
    reached: overhead <= MUST_PERCENT,
    detail:
      `${turns.length} turns; mean ${meanWithError(core, 1)} %, middle half ${percentile(core, 0.25).toFixed(1)} to ${percentile(core, 0.75).toFixed(1)} %; ` +
      `two that are not paid differ by ${median(control).toFixed(1)} %, mean ${meanWithError(control, 1)} %; ` +
      `entry, exit, payer and origin ${of('paid', 'coreMs')} ms paid, ${of('unpaid', 'coreMs')} ms not; ` +
      `wall ${median(percent('paid', 'wallMs')).toFixed(1)} % (${of('paid', 'wallMs')} ms paid, ${of('unpaid', 'wallMs')} ms not), the two that are not paid ${median(percent('other', 'wallMs')).toFixed(1)} %; ` +
      `${vouchers.toFixed(1)} vouchers each`,
  };
}

/** Entry and exit of one circuit. */
class Way {
  readonly #network: Network;
  readonly #through: Circuit;
  readonly #relays: readonly Relay[];
  #counts = true;
  #signals = 0;

  constructor(network: Network, through: Circuit) {
    this.#network = network;
    this.#through = through;
    const on = [through.entry.peer, through.exit.peer];
    this.#relays = network.relays.filter(({ label }) => on.includes(label));
  }

  /** Whether the tunnels from now on are counted, and so paid. */
  async count(wanted: boolean): Promise<void> {
    if (wanted === this.#counts) return;
    this.#counts = wanted;
    this.#signals += 1;
    for (const { process: relay } of this.#relays) {
      process.kill(relay.pid, 'SIGUSR2');
      await relay.waitFor('bench-counting', (line) => line['signal'] === this.#signals && line['counts'] === wanted);
    }
  }

  async measure(origin: Origin): Promise<Cost> {
    const pids = this.#relays.map(({ process: relay }) => relay.pid);
    const before = pids.map(coreTime);
    const own = process.cpuUsage();
    const start = performance.now();
    await download(this.#network, { url: origin.url, through: this.#through, hash: false });
    const wallMs = performance.now() - start;
    const { user, system } = process.cpuUsage(own);
    const relays = pids.reduce((sum, pid, index) => sum + coreTime(pid) - (before[index] ?? 0), 0);
    return { coreMs: relays + (user + system) / 1000, wallMs };
  }
}

/** Of a process with all of its threads, ms. */
function coreTime(pid: number): number {
  // The name may hold spaces and brackets; what follows it does not (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
