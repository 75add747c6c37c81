// Looks for channels that some accounts have paid into, by the events of a span of blocks, at every server: what one leaves out another may have. What a server makes up does
// no harm: whoever uses the answer reads each channel from the chain, whose id is computed from the config. Never signs.

import type { ChannelConfig } from '../core/payment/channel.ts';
import type { Hex } from '../core/payment/hex.ts';
import { ChainError, isChainError } from './rail/chain-error.ts';
import { channelsCreated, depositsOf, readCreated, type LogFilter } from './rail/channel-events.ts';
import type { Network } from './rail/networks.ts';
import { asQuantity, type Rpc } from './rpc.ts';

/** 30 days of Base, whose blocks come every two seconds. Older ones are looked through when the person asks for more. */
const SPAN_BLOCKS = 1_296_000n;
/** What public servers take in one question; one that takes less is asked for less. */
const BLOCKS_OF_ONE = 10_000n;
const LEAST_BLOCKS_OF_ONE = 500n;
/** For one look at one server: a minute through a circuit. What is not reached then is said (`from`). */
const MAX_QUESTIONS = 400;

type Log = { block: bigint; data: string };
type Created = { id: Hex; config: ChannelConfig };

export type FoundChannels = {
  channels: readonly Created[];
  /** The lowest block that was looked through, and when it was made: ms since the epoch. */
  from: bigint;
  since: number;
  /** Servers that answered, of those that were asked. */
  answered: number;
};

/** @param before look below this block; undefined: from the newest. Throws the `ChainError` of the first server where none answers. */
export async function findChannels(
  network: Network,
  rpcs: readonly Rpc[],
  { payers, before }: { payers: readonly Hex[]; before: bigint | undefined },
): Promise<FoundChannels> {
  const looks = await Promise.allSettled(rpcs.map((rpc) => lookAt(network, rpc, payers, before)));
  const answers = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []));
  const [first] = answers;
  if (first === undefined) {
    const failed = looks.find((look) => look.status === 'rejected');
    throw failed?.reason ?? new ChainError('unreachable', 'no server of the chain is known');
  }
  const channels = new Map(answers.flatMap(({ created }) => created.map((each): [Hex, Created] => [each.id, each])));
  // What only one of them has reached was not compared with the other.
  const last = answers.reduce((a, b) => (b.from > a.from ? b : a), first);
  const since = await timeOf(last.rpc, last.from);
  return { channels: [...channels.values()], from: last.from, since, answered: answers.length };
}

async function lookAt(
  network: Network,
  rpc: Rpc,
  payers: readonly Hex[],
  before: bigint | undefined,
): Promise<{ rpc: Rpc; created: Created[]; from: bigint }> {
  const head = asQuantity(await rpc.request('eth_blockNumber', []), 'eth_blockNumber');
  let to = before === undefined || before > head ? head : before - 1n;
  const end = to >= SPAN_BLOCKS ? to - SPAN_BLOCKS + 1n : 0n;
  const blocks = new Set<bigint>();
  let size = BLOCKS_OF_ONE;
  let from = to + 1n;
  for (let left = MAX_QUESTIONS; left > 0 && from > end; left -= 1) {
    const lowest = to - size + 1n > end ? to - size + 1n : end;
    try {
      for (const { block } of await readLogs(rpc, depositsOf(network, payers), lowest, to)) blocks.add(block);
      from = lowest;
      to = lowest - 1n;
    } catch (error) {
      if (!isTooMuch(error) || size <= LEAST_BLOCKS_OF_ONE) throw error;
      size /= 2n;
    }
  }
  const created: Created[] = [];
  for (const block of blocks) {
    const logs = await readLogs(rpc, channelsCreated(network), block, block);
    created.push(...logs.map(({ data }) => readCreated(network, data)));
  }
  // Others have opened channels in the same blocks.
  return { rpc, from, created: created.filter(({ config }) => payers.includes(config.payer)) };
}

/** Servers say in words of their own that a span is too long. */
function isTooMuch(error: unknown): boolean {
  return isChainError(error, 'call_failed') || isChainError(error, 'too_large');
}

async function readLogs(rpc: Rpc, filter: LogFilter, from: bigint, to: bigint): Promise<Log[]> {
  const range = { fromBlock: quantity(from), toBlock: quantity(to) };
  const answer = await rpc.request('eth_getLogs', [{ ...filter, ...range }]);
  if (!Array.isArray(answer)) throw new ChainError('bad_answer', 'eth_getLogs was answered with no list');
  return answer.map((log: unknown) => {
    const { blockNumber, data } = fieldsOf(log, 'eth_getLogs');
    const block = asQuantity(blockNumber, 'the block of an event');
    if (typeof data !== 'string' || block < from || block > to) {
      throw new ChainError('bad_answer', 'eth_getLogs was answered with an event of another block');
    }
    return { block, data };
  });
}

async function timeOf(rpc: Rpc, block: bigint): Promise<number> {
  const answer = await rpc.request('eth_getBlockByNumber', [quantity(block), false]);
  const seconds = asQuantity(fieldsOf(answer, 'eth_getBlockByNumber')['timestamp'], 'the time of a block');
  if (seconds > 2n ** 40n) throw new ChainError('bad_answer', 'the time of a block is none');
  return Number(seconds) * 1000;
}

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null)
    throw new ChainError('bad_answer', `${what} was answered with nothing`);
  return value as Record<string, unknown>;
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
