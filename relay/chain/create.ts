// Makes the payee's view of the chain for a relay: servers checked, the settler on its beat, the payment key behind functions that sign this protocol's own
// typed data and nothing else. Called by relay/relay.ts.

import type { Logger } from 'pino';
import { ChainError } from '../../src/chain/rail/chain-error.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import { readTokenBalance } from '../../src/chain/rail/reads.ts';
import { signQuote } from '../../src/chain/rail/relay-quote.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { PaymentsConfig } from '../config/payments.ts';
import type { DepositStep } from '../ledger/deposits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { logEvent } from '../log.ts';
import type { PaymentKey } from '../payment-key.ts';
import type { ClaimRules, SettleRules } from '../settlement/batch.ts';
import { createSettler } from '../settlement/settler.ts';
import { createBeat, type BeatTimes } from './beat.ts';
import type { PayeeChain } from './payee-chain.ts';
import { createPayerChain, type PayerChain } from './payer-chain.ts';
import { SenderError } from './sender-error.ts';
import { createServers } from './servers.ts';

export type PayeeChainInit = {
  config: Pick<PaymentsConfig, 'network' | 'rpc' | 'watchSeconds'>;
  key: PaymentKey;
  ledger: Ledger;
  log: Logger;
  /** Tests' own. */
  fetch?: typeof fetch;
  times?: BeatTimes;
  rules?: { claim?: ClaimRules; settle?: SettleRules };
};

/** A block is two seconds on Base; where nothing is under way only withdrawals are waited for, and they take a day. */
const TIMES: BeatTimes = { busyMs: 2000, idleMs: 15_000 };
/** Of the devnet: its blocks come at once, and people wait for what it shows. */
const DEVNET_TIMES: BeatTimes = { busyMs: 250, idleMs: 1000 };
/** A claim for a cooperative close: at the next blocks, or the close goes on without it. */
const CLAIM_WAIT_MS = 60_000;

/**
 * Throws `ChainError` wrong_chain, wrong_contract or wrong_token where a server of the configuration serves something else. Where none can be reached the relay
 * starts all the same, and takes no deposit until one can.
 */
export async function createPayeeChain(init: PayeeChainInit): Promise<PayeeChain & { payer: PayerChain }> {
  const { config, key, ledger, log } = init;
  const network = NETWORKS[config.network];
  const closing = new AbortController();
  const ask = init.fetch ?? fetch;
  const servers = createServers({
    network,
    urls: config.rpc,
    fetch: (url, options) =>
      ask(url, { ...options, signal: AbortSignal.any([closing.signal, ...(options.signal ? [options.signal] : [])]) }),
    onWrong: (place, { code, message }) => log.error({ event: 'chain-wrong', server: place, code, reason: message }),
  });
  const good = await servers.check();
  const depositListeners: ((channel: Hex, state: DepositStep) => void)[] = [];
  const channelListeners: ((channel: Hex) => void)[] = [];
  const settler = await createSettler({
    network,
    servers,
    ledger,
    key,
    ...(init.rules === undefined ? {} : { rules: init.rules }),
    on: {
      deposit: (channel, state) => {
        logEvent(log, 'deposit', { channel, state });
        for (const listener of depositListeners) listener(channel, state);
      },
      channel: (id) => {
        for (const listener of channelListeners) listener(id);
      },
      withdrawal: (channel, withdrawAt) => {
        log.warn({ event: 'withdrawal-seen', channel, ...(withdrawAt && { at: new Date(withdrawAt).toISOString() }) });
      },
      ended: ({ kind, hash, ending, block, channels }) =>
        logEvent(log, 'transaction', { kind, hash, ending, block, channels: channels.length }),
      // What an end cuts off is no trouble.
      trouble: (part, error) => {
        if (!closing.signal.aborted) log.warn({ event: 'settlement-trouble', part, ...describe(error) });
      },
      relief: (part) => logEvent(log, 'settlement-goes-on', { part }),
    },
  });
  const times = init.times ?? (network.name === 'devnet' ? DEVNET_TIMES : TIMES);
  const idleMs = config.watchSeconds === undefined ? times.idleMs : config.watchSeconds * 1000;
  const beat = createBeat(() => settler.beat(), { ...times, idleMs });
  logEvent(log, 'chain-ready', { network: network.name, receiver: key.address, servers: config.rpc.length, good });

  return {
    network,
    receiver: key.address,
    payer: createPayerChain({ network, servers, sender: settler.sender, sent: () => beat.soon() }),
    read: async (id) => settler.watch.see(id),
    deposit: async (channel) => {
      try {
        return await settler.deposits.submit(channel);
      } catch (error) {
        // It stays pending and is sent with a later beat.
        return asChainError(error);
      } finally {
        beat.soon();
      }
    },
    onDeposit: (listener) => depositListeners.push(listener),
    onChannel: (listener) => channelListeners.push(listener),
    claimNow: async (channel) => {
      const sent = await settler.claims.claimOne(channel).catch(asChainError);
      if (sent === undefined) return undefined;
      const { promise, resolve, reject } = Promise.withResolvers<Hex>();
      const late = setTimeout(() => reject(new ChainError('too_slow', 'the claim is in no block yet')), CLAIM_WAIT_MS);
      const end = settler.sender.onEnd(({ id, ending, hash }) => {
        if (id !== sent.id) return;
        if (ending === 'mined') resolve(hash);
        else reject(new ChainError('call_failed', `the claim was ${ending}`));
      });
      beat.soon();
      return promise.finally(() => {
        clearTimeout(late);
        end();
      });
    },
    balance: async () => servers.at('latest').read(readTokenBalance(network, key.address)),
    signQuote: (quote) => signQuote(network, quote, key.key),
    signRefund: (channelId, amount, nonce) => settler.refunds.sign(channelId, amount, nonce),
    sendRefund: async (id, refund) => {
      const { hash } = await settler.refunds.send(id, refund).catch(asChainError);
      beat.soon();
      return hash;
    },
    close: async () => {
      closing.abort();
      await beat.stop();
    },
  };
}

/** Why the relay does not send now is no concern of the payer's: to the session it is a chain that does not take it. */
function asChainError(error: unknown): never {
  if (error instanceof SenderError) throw new ChainError('call_failed', error.message, { cause: error });
  throw error;
}

/** Errors of this daemon say what is wrong, without a key or an address of a server; of others only the kind is told. */
function describe(error: unknown): { error: string; code?: string; reason?: string } {
  if (error instanceof ChainError || error instanceof SenderError || error instanceof LedgerError) {
    return { error: error.name, code: error.code, reason: error.message };
  }
  return { error: error instanceof Error ? error.name : typeof error };
}
