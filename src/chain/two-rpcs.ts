// Two RPCs of different people are asked before a deposit and a withdrawal: one that lies about a balance or a channel is found out before
// anything is signed. Both are asked about one block, so that being a block apart is no disagreement.

import { ChainError } from './rail/chain-error.ts';
import type { ChainReader } from './rail/network-check.ts';
import { asQuantity, type Block, type Rpc } from './rpc.ts';

/** At two seconds a block that is two minutes: a server further behind is stuck, or made to look so. */
const MAX_BLOCKS_APART = 60n;

/** Asks both for the same, at the newest block that both know. Throws `ChainError` rpcs_disagree and says about what; other codes where one fails. */
export async function readByBoth<T>(
  rpcs: readonly [Rpc, Rpc],
  ask: (reader: ChainReader) => Promise<T>,
  options?: { signal?: AbortSignal },
): Promise<T> {
  const [a, b] = rpcs;
  const heights = await both(a, b, async (rpc) =>
    asQuantity(await rpc.request('eth_blockNumber', [], options), 'eth_blockNumber'),
  );
  const [lower, higher] = heights[0] < heights[1] ? heights : [heights[1], heights[0]];
  if (higher - lower > MAX_BLOCKS_APART) {
    throw new ChainError('rpcs_disagree', `one server is ${(higher - lower).toString()} blocks behind the other`);
  }
  const block: Block = { number: lower };
  const hashes = await both(a, b, async (rpc) => blockHash(rpc, lower, options));
  if (hashes[0] !== hashes[1]) {
    throw new ChainError('rpcs_disagree', `the servers have different blocks of number ${lower.toString()}`);
  }
  const answers = await both(a, b, async (rpc) => ask(rpc.at(block, options)));
  if (spell(answers[0]) !== spell(answers[1])) {
    throw new ChainError('rpcs_disagree', `one server says ${spell(answers[0])}, the other ${spell(answers[1])}`);
  }
  return answers[0];
}

async function both<T>(a: Rpc, b: Rpc, ask: (rpc: Rpc) => Promise<T>): Promise<[T, T]> {
  return Promise.all([ask(a), ask(b)]);
}

async function blockHash(rpc: Rpc, number: bigint, options: { signal?: AbortSignal } | undefined): Promise<string> {
  const block = await rpc.request('eth_getBlockByNumber', [`0x${number.toString(16)}`, false], options);
  const hash = typeof block === 'object' && block !== null && 'hash' in block ? block.hash : undefined;
  if (typeof hash !== 'string' || !/^0x[0-9a-f]{64}$/.test(hash)) {
    throw new ChainError('bad_answer', 'eth_getBlockByNumber was answered with no block');
  }
  return hash;
}

/** One spelling for one value: answers are built by the same code, so their fields stand in the same order. */
function spell(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? field.toString() : field)).slice(
    0,
    200,
  );
}
