// Transactions of the relay's own account, from the nonce that the ledger keeps to the block that is safe. A transaction here is only a try: whether its
// work is done, the chain says (an authorization is used once, claims are cumulative), so what is lost is simply sent again. Used by relay/settlement.

import { ChainError, isChainError } from '../../src/chain/rail/chain-error.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import type { Rpc } from '../../src/chain/rpc.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PaymentKey } from '../payment-key.ts';
import { askNumber, readGasPrice, readReceipt, readTransaction, type Head, type KnownTransaction } from './answers.ts';
import { feesFor, feesToReplace, freeNonce, gasLimit, type Fees, type GasRules } from './gas.ts';
import {
  publicOf,
  recoverEntries,
  type Ended,
  type Ending,
  type Entry,
  type Plan,
  type Sent,
  type Work,
} from './sender-entry.ts';
import { SenderError } from './sender-error.ts';
import { createSerial } from './serial.ts';
import { signTransaction, whatNodesSay } from './signed-transaction.ts';

export type Sender = {
  /**
   * Keeps it in the ledger, then sends it. Resolves also when nobody answered after it was kept: it is sent again with the next `follow`. Throws
   * `ChainError` call_failed where the chain would refuse it, `SenderError`, `LedgerError`; nothing was sent then.
   */
  send(work: Work): Promise<Sent>;
  /** Looks at everything that is under way: blocks, blocks that were undone, what nodes forgot, what is too cheap. Throws `ChainError`. */
  follow(head: Head): Promise<void>;
  /** In no block yet. */
  underWay(): Sent[];
  /** The answer ends it. A listener must not wait for the sender. */
  onEnd(listener: (ended: Ended) => void): () => void;
};

export type SenderInit = {
  network: Network;
  rpc: Rpc;
  ledger: Pick<Ledger, 'transactions'>;
  key: PaymentKey;
  rules: GasRules;
  /** ms since the epoch. */
  now?: () => number;
  /** It waits for cheaper gas, or no more. */
  onDear?: (dear: boolean) => void;
};

/** On its way, or why not: another took the nonce, or waits there and pays more. */
type Outcome = 'sent' | 'nonce-used' | 'cheap';
/** 15 blocks of Base. */
const REPLACE_AFTER_MS = 30_000;
/** Servers behind one address are not equally far: one look may see a nonce without its receipt. */
const MISSES = 3;
/** How often another nonce is tried when somebody took it: only a second program with this key does that. */
const TRIES = 5;

export async function createSender(init: SenderInit): Promise<Sender> {
  const { network, rpc, key, rules, now = Date.now, onDear = () => undefined } = init;
  const { transactions } = init.ledger;
  const { chainId } = network;
  const inTurn = createSerial();
  const listeners = new Set<(ended: Ended) => void>();
  const entries = await recoverEntries(transactions, { chainId, account: key.address }, now());

  const finish = async (entry: Entry, ending: Ending, block?: number): Promise<void> => {
    await transactions.end(entry.id, ending, block);
    if (ending === 'dropped') entries.splice(entries.indexOf(entry), 1);
    for (const listener of listeners) listener({ ...publicOf(entry), ending, block });
  };

  /** The account's transactions in blocks: the next nonce that the chain takes. */
  const countOnChain = async (): Promise<number> =>
    Number(await askNumber(rpc, 'eth_getTransactionCount', [key.address, 'latest']));

  const affordable = (fees: Fees | undefined): Fees => {
    onDear(fees === undefined);
    if (fees !== undefined) return fees;
    throw new SenderError('gas-too-dear', 'gas is dearer than this relay pays; it waits');
  };

  const prepare = async ({ kind, channels, call, urgent = false }: Work): Promise<{ entry: Entry; plan: Plan }> => {
    const estimate = await askNumber(rpc, 'eth_estimateGas', [{ from: key.address, ...call }]);
    const gas = gasLimit(estimate);
    const fees = affordable(feesFor(await readGasPrice(rpc), urgent ? rules.urgentCap : rules.cap));
    const held = await askNumber(rpc, 'eth_getBalance', [key.address, 'latest']);
    if (held < gas * fees.maxFeePerGas) {
      throw empty(key.address);
    }
    const taken = new Set(entries.map(({ nonce }) => nonce));
    const nonce = freeNonce(await countOnChain(), taken);
    const id = await transactions
      .prepare({ chainId, account: key.address, nonce, kind, channels }, now())
      .catch(behind);
    const entry: Entry = {
      ...{ id, kind, channels, nonce, hashes: [], urgent, sentAt: now(), block: undefined, missed: 0 },
      plan: { call, gas, fees },
      raw: undefined,
    };
    entries.push(entry);
    return { entry, plan: { call, gas, fees } };
  };

  /** Signs, keeps the hash, sends. */
  const launch = async (entry: Entry, plan: Plan): Promise<Outcome> => {
    const { raw, hash } = signTransaction(key.key, { chainId, nonce: entry.nonce, ...plan });
    await transactions.sent(entry.id, hash, now());
    if (!entry.hashes.includes(hash)) entry.hashes.push(hash);
    Object.assign(entry, { plan, raw, sentAt: now() });
    return broadcast(raw);
  };

  const broadcast = async (raw: Hex): Promise<Outcome> => {
    try {
      await rpc.request('eth_sendRawTransaction', [raw]);
      return 'sent';
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      // Nobody answered: it may have arrived or not, and is sent again with the next look.
      if (error.code !== 'call_failed') return 'sent';
      const said = whatNodesSay(error.message);
      if (said === 'known') return 'sent';
      if (said === 'nonce-used' || said === 'cheap') return said;
      if (said === 'empty') throw empty(key.address);
      throw error;
    }
  };

  const sendOnce = async (work: Work): Promise<Entry | undefined> => {
    const { entry, plan } = await prepare(work);
    try {
      let outcome = await launch(entry, plan);
      // Something else waits at this nonce, of a run that is not remembered: it is outbid.
      for (let { fees } = plan; outcome === 'cheap';) {
        const cap = entry.urgent ? rules.urgentCap : rules.cap;
        fees = affordable(feesToReplace(fees, await readGasPrice(rpc), cap));
        outcome = await launch(entry, { ...plan, fees });
      }
      // A server that asks twice hears of the second time that the nonce is used: by this very transaction.
      const ours = outcome === 'nonce-used' && (await readReceipt(rpc, entry.hashes.at(-1) ?? '0x')) !== undefined;
      if (outcome === 'sent' || ours) return entry;
    } catch (error) {
      await finish(entry, 'dropped');
      throw error;
    }
    await finish(entry, 'dropped');
    return undefined;
  };

  const look = async (entry: Entry, count: number): Promise<void> => {
    for (const hash of entry.hashes) {
      const receipt = await readReceipt(rpc, hash);
      if (receipt === undefined) continue;
      entry.missed = 0;
      if (entry.block === receipt.block) return;
      if (entry.block !== undefined) await transactions.reopen(entry.id);
      entry.block = receipt.block;
      // The one that counts stands last.
      entry.hashes = [...entry.hashes.filter((other) => other !== hash), hash];
      await finish(entry, receipt.succeeded ? 'mined' : 'reverted', receipt.block);
      return;
    }
    if (entry.block !== undefined) {
      // Its block was undone.
      entry.block = undefined;
      await transactions.reopen(entry.id);
    }
    if (count > entry.nonce) {
      entry.missed += 1;
      if (entry.missed >= MISSES) await finish(entry, 'dropped');
      return;
    }
    await keepGoing(entry, count);
  };

  /** In no block, and its nonce is free or waits for one before it. */
  const keepGoing = async (entry: Entry, count: number): Promise<void> => {
    const known = await readTransaction(rpc, entry.hashes.at(-1) ?? '0x');
    if (known === undefined) {
      // Without its content it cannot be sent again; the work will be, under the same nonce.
      if (entry.plan === undefined) await finish(entry, 'dropped');
      else if ((await again(entry, entry.plan)) === 'cheap') await replace(entry, entry.plan);
      return;
    }
    entry.plan ??= await planOf(known);
    // Those behind it wait for this one, whatever they pay.
    if (entry.nonce === count && now() - entry.sentAt >= REPLACE_AFTER_MS) await replace(entry, entry.plan);
  };

  const again = (entry: Entry, plan: Plan): Promise<Outcome> =>
    entry.raw === undefined ? launch(entry, plan) : broadcast(entry.raw);

  const planOf = async ({ to, data, maxFeePerGas, maxPriorityFeePerGas }: KnownTransaction): Promise<Plan> => {
    const gas = gasLimit(await askNumber(rpc, 'eth_estimateGas', [{ from: key.address, to, data }]));
    return { call: { to, data }, gas, fees: { maxFeePerGas, maxPriorityFeePerGas } };
  };

  const replace = async (entry: Entry, plan: Plan): Promise<void> => {
    const cap = entry.urgent ? rules.urgentCap : rules.cap;
    const fees = feesToReplace(plan.fees, await readGasPrice(rpc), cap);
    onDear(fees === undefined);
    if (fees !== undefined) await launch(entry, { ...plan, fees });
  };

  return {
    send: (work) =>
      inTurn(async () => {
        for (let attempt = 0; attempt < TRIES; attempt += 1) {
          const entry = await sendOnce(work);
          if (entry !== undefined) return publicOf(entry);
        }
        throw new SenderError('server-behind', 'another program sends with the same payment key');
      }),
    follow: (head) =>
      inTurn(async () => {
        if (entries.length === 0) return;
        const count = await countOnChain();
        for (const entry of entries.toSorted((a, b) => a.nonce - b.nonce)) {
          try {
            await look(entry, count);
            // By what was seen just now: while nobody looked its block may have been undone, and the chain be past it.
            const settled = entry.block !== undefined && entry.block <= head.safe;
            if (settled) entries.splice(entries.indexOf(entry), 1);
          } catch (error) {
            // One that the chain refuses must not hold up the others; it is looked at again.
            if (!isChainError(error, 'call_failed')) throw error;
          }
        }
      }),
    underWay: () => entries.filter(({ block }) => block === undefined).map(publicOf),
    onEnd: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function empty(address: Hex): SenderError {
  return new SenderError('gas-empty', `the payment key ${address} has not enough ETH for gas`);
}

function behind(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === 'conflict') {
    throw new SenderError(
      'server-behind',
      'the server of the chain knows fewer transactions of this relay than the ledger',
    );
  }
  throw error;
}
