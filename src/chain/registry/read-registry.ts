// Reads the relays' registry, all pages at one block, from every server that it is given (two, as everywhere). Descriptors are known by their signatures, so the
// registry is only where to begin: what any server tells is taken, one that fails or lies takes nothing away, and it is said which one told something else. Bounded in
// relays, bytes and time. Runs in the worker and in the relay.

import { uniteRelays, type RegisteredRelay } from '../../core/directory/registered-relay.ts';
import type { Hex } from '../../core/payment/hex.ts';
import { ChainError } from '../rail/chain-error.ts';
import type { Network } from '../rail/networks.ts';
import type { Rpc } from '../rpc.ts';
import { readHead, readPages, type RegistryHead } from './pages.ts';

/** As many as a directory holds; the list is read from its front, where those stand that came before a flood (docs/decisions/0033-the-registry.md). */
export const MAX_REGISTERED = 10_000;
/** 50 pages, four at a time, each a round trip through a circuit. */
const TIMEOUT_MS = 60_000;
/** The shortest delay of a registry: a server that stands still for so long would tell of relays whose bond is gone. */
const MAX_BEHIND_S = 3600;
/** At two seconds a block that is two minutes, as in two-rpcs.ts: servers further apart are read where each of them stands. */
const MAX_BLOCKS_APART = 60n;

export type RegistryInit = {
  network: Pick<Network, 'chainId' | 'title'>;
  /** Undefined where none is known of this network. */
  registry: Hex | undefined;
  rpcs: readonly Rpc[];
  /** ms since the epoch */
  now: number;
  most?: number;
  timeoutMs?: number;
};

export type ServerReport =
  /** `differs`: how many of its entries not every other server has just so. `isWhole`: it has no more than were read. */
  { block: bigint; relays: number; differs: number; isWhole: boolean } | { failed: ChainError };

export type RegistryReading = {
  /** Without those that have left. */
  relays: RegisteredRelay[];
  /** In the order of `rpcs`. */
  servers: ServerReport[];
};

/** Throws the first server's `ChainError` where none of them can be read, and the signal's reason. */
export async function readRegistry(init: RegistryInit, { signal }: { signal: AbortSignal }): Promise<RegistryReading> {
  const { registry, rpcs, most = MAX_REGISTERED, timeoutMs = TIMEOUT_MS } = init;
  if (registry === undefined) throw new ChainError('wrong_contract', `no registry is known on ${init.network.title}`);
  const late = AbortSignal.timeout(timeoutMs);
  const options = { signal: AbortSignal.any([signal, late]) };
  const eachOf = async <T>(work: (rpc: Rpc, index: number) => Promise<T>): Promise<(T | ChainError)[]> =>
    Promise.all(rpcs.map(async (rpc, index) => work(rpc, index).catch(asFailure(signal, late))));

  const heads = await eachOf(async (rpc) => freshHead(rpc, init, options));
  const common = commonBlock(heads.filter(isRead));
  const read = await eachOf(async (rpc, index) => {
    const head = heads[index] ?? new ChainError('unreachable', 'no such server');
    if (!isRead(head)) throw head;
    const block = common ?? head.number;
    const { relays, isWhole } = await readPages(rpc.at({ number: block }, options), registry, most);
    return { block, isWhole, relays: relays.filter(({ leavesAt = Infinity }) => leavesAt > head.timestamp) };
  });

  const good = read.filter(isRead);
  if (good.length === 0) {
    const failure = read.find((each) => each instanceof ChainError);
    throw failure ?? new ChainError('unreachable', 'no server of the chain is known');
  }
  const { relays, differing } = uniteRelays(good.map((each) => each.relays));
  const servers = read.map((each): ServerReport => {
    if (each instanceof ChainError) return { failed: each };
    const { block, isWhole } = each;
    return { block, isWhole, relays: each.relays.length, differs: differing[good.indexOf(each)] ?? 0 };
  });
  return { relays, servers };
}

async function freshHead(
  rpc: Rpc,
  { network, now }: RegistryInit,
  options: { signal: AbortSignal },
): Promise<RegistryHead> {
  // Side by side: somebody who begins waits for this.
  const [chainId, head] = await Promise.all([rpc.at('latest', options).chainId(), readHead(rpc, options)]);
  if (chainId !== network.chainId)
    throw new ChainError('wrong_chain', `${network.title} has the chain id ${network.chainId}, this server ${chainId}`);
  if (now / 1000 - head.timestamp > MAX_BEHIND_S)
    throw new ChainError('bad_answer', 'the server has stood still for an hour or more');
  return head;
}

/** The newest one that all of them know; undefined where they are far apart. */
function commonBlock(heads: readonly RegistryHead[]): bigint | undefined {
  const heights = heads.map((head) => head.number).toSorted((a, b) => (a < b ? -1 : 1));
  const [lowest, highest] = [heights[0], heights.at(-1)];
  if (lowest === undefined || highest === undefined) return undefined;
  return highest - lowest > MAX_BLOCKS_APART ? undefined : lowest;
}

function isRead<T>(outcome: T | ChainError): outcome is T {
  return !(outcome instanceof ChainError);
}

/** Of a server. That the caller gave up is none. */
function asFailure(signal: AbortSignal, late: AbortSignal): (error: unknown) => ChainError {
  return (error) => {
    if (error instanceof ChainError) return error;
    if (signal.aborted || !late.aborted) throw error;
    return new ChainError('too_slow', 'the registry could not be read in time');
  };
}
