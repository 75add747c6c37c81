// Keeps the ledger's view of open channels at what the chain says: all of them at the start and every hour, and in between those that the escrow's log names.
// Blocks that are not safe are looked through again each time, so that what was undone is seen too. Used by settler.ts.

import { id as hashText } from 'ethers/hash';
import { isChainError } from '../../src/chain/rail/chain-error.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { readChannel, readPendingWithdrawal, readRefundNonce } from '../../src/chain/rail/reads.ts';
import type { Rpc } from '../../src/chain/rpc.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { readLogs, type Head } from '../chain/answers.ts';
import type { ChainChannel } from '../chain/payee-chain.ts';
import type { Ledger } from '../ledger/ledger.ts';

export type ChannelWatch = {
  /** Throws `ChainError`. */
  look(head: Head): Promise<void>;
  /** One channel now. Throws `ChainError`. */
  see(id: Hex): Promise<ChainChannel>;
};

export type ChannelWatchInit = {
  network: Network;
  rpc: Rpc;
  ledger: Pick<Ledger, 'channels'>;
  /** ms since the epoch. */
  now?: () => number;
  /** The ledger has it already. */
  onChannel: (id: Hex) => void;
  /** A withdrawal was begun, and was not known. */
  onWithdrawal?: (id: Hex, withdrawAt: number | undefined) => void;
};

/** All that changes what `channels(id)` and `pendingWithdrawals(id)` say. */
const EVENTS = [
  'Deposited(bytes32,address,uint128,uint128)',
  'Claimed(bytes32,address,uint128,uint128)',
  'Refunded(bytes32,address,uint128)',
  'WithdrawInitiated(bytes32,uint128,uint40)',
  'WithdrawFinalized(bytes32,address,uint128)',
].map((text) => hashText(text) as Hex);

/** Public servers take some hundreds of topics, and ranges of a thousand blocks: more than Base has between latest and safe. */
const IDS_OF_ONE = 100;
const BLOCKS_OF_ONE = 1000;
/** A server that leaves out logs is found out within the hour: the delay of a withdrawal is a day at least. */
const FULL_LOOK_MS = 3_600_000;

export function createChannelWatch(init: ChannelWatchInit): ChannelWatch {
  const { network, rpc, ledger, now = Date.now, onChannel, onWithdrawal = () => undefined } = init;
  let fullLookAt = Number.NEGATIVE_INFINITY;
  /** Everything up to here was looked through when it was safe. */
  let cursor = 0;
  /** Named in blocks that were not safe at the last look: if those are undone, nothing names them any more. */
  let unsure = new Set<Hex>();

  const read = async (id: Hex): Promise<ChainChannel> => {
    const reader = rpc.at('latest');
    const [{ balance, totalClaimed }, withdrawal, refundNonce] = await Promise.all([
      reader.read(readChannel(network, id)),
      reader.read(readPendingWithdrawal(network, id)),
      reader.read(readRefundNonce(network, id)),
    ]);
    const delay = ledger.channels.get(id)?.config.withdrawDelay;
    const pending = withdrawal.initiatedAt !== 0n && delay !== undefined;
    const withdrawAt = pending ? (Number(withdrawal.initiatedAt) + delay) * 1000 : undefined;
    return { balance, totalClaimed, pendingWithdrawal: withdrawal.amount, withdrawAt, refundNonce };
  };

  const see = async (id: Hex, block?: number): Promise<ChainChannel> => {
    const seen = await read(id);
    const known = ledger.channels.get(id);
    if (known === undefined) return seen;
    const { balance, totalClaimed: claimed, pendingWithdrawal, withdrawAt } = seen;
    const same =
      known.balance === balance &&
      known.claimed === claimed &&
      known.pendingWithdrawal === pendingWithdrawal &&
      known.withdrawAt === withdrawAt;
    if (same) return seen;
    await ledger.channels.saw(id, { balance, claimed, pendingWithdrawal, withdrawAt, seenBlock: block });
    if (pendingWithdrawal > 0n && known.pendingWithdrawal === 0n) onWithdrawal(id, withdrawAt);
    onChannel(id);
    return seen;
  };

  /** Closed ones too, as long as there is money in them. */
  const ours = (): Hex[] =>
    ledger.channels
      .list()
      .filter(({ chainId, state, balance, claimed }) => {
        return chainId === network.chainId && (state !== 'closed' || balance > claimed);
      })
      .map(({ id }) => id);

  const named = async (ids: readonly Hex[], from: number, to: number): Promise<{ id: Hex; block: number }[]> => {
    const found: { id: Hex; block: number }[] = [];
    for (let at = 0; at < ids.length; at += IDS_OF_ONE) {
      const topics = [EVENTS, ids.slice(at, at + IDS_OF_ONE)];
      for (let first = from; first <= to; first += BLOCKS_OF_ONE) {
        const toBlock = Math.min(to, first + BLOCKS_OF_ONE - 1);
        const logs = await readLogs(rpc, { address: network.escrow, fromBlock: first, toBlock, topics });
        for (const { block, topics } of logs) if (topics[1] !== undefined) found.push({ id: topics[1], block });
      }
    }
    return found;
  };

  return {
    see: async (id) => see(id),
    look: async (head) => {
      const ids = ours();
      if (now() - fullLookAt >= FULL_LOOK_MS) {
        for (const id of ids) await see(id, head.number);
        [fullLookAt, cursor, unsure] = [now(), head.safe, new Set()];
        // Blocks that are not safe yet are looked through below, by their logs.
      }
      // A chain that is shorter than before: every block of it is new.
      if (head.safe < cursor) cursor = head.safe;
      const logs = await named(ids, cursor + 1, head.number).catch((error: unknown) => {
        // Too much for one answer: everything is read instead.
        if (!isChainError(error, 'call_failed') && !isChainError(error, 'too_large')) throw error;
        fullLookAt = Number.NEGATIVE_INFINITY;
        return [];
      });
      const touched = new Set([...unsure, ...logs.map(({ id }) => id)]);
      for (const id of touched) await see(id, head.number);
      unsure = new Set(logs.filter(({ block }) => block > head.safe).map(({ id }) => id));
      cursor = head.safe;
    },
  };
}
