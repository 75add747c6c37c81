// Deposits of payers, from the authorization that the ledger keeps to the block that is safe. What counts is whether the token says that the authorization was
// used: so one that was sent twice, by another, or before a crash, is found and not paid for again. Used by settler.ts.

import { isChainError } from '../../src/chain/rail/chain-error.ts';
import { depositCall } from '../../src/chain/rail/calldata.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { readAuthorizationUsed, readChannel } from '../../src/chain/rail/reads.ts';
import type { Rpc } from '../../src/chain/rpc.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { readReceipt, type Head } from '../chain/answers.ts';
import { eachInTurn } from '../chain/serial.ts';
import type { Sender } from '../chain/sender.ts';
import type { DepositStep, StoredDeposit } from '../ledger/deposits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PaymentKey } from '../payment-key.ts';

export type DepositFollower = {
  /** As `PayeeChain.deposit`. */
  submit(channel: Hex): Promise<{ txHash: Hex | undefined }>;
  /** Every deposit that is not safe, one step on or back. Throws `ChainError`. */
  follow(head: Head): Promise<void>;
  /** Whether any is not safe yet. */
  busy(): boolean;
};

export type DepositFollowerInit = {
  network: Network;
  rpc: Rpc;
  ledger: Pick<Ledger, 'channels' | 'deposits'>;
  sender: Sender;
  key: Pick<PaymentKey, 'address'>;
  onDeposit: (channel: Hex, state: DepositStep) => void;
};

/** Gas that one authorization may cost in vain: its payer can move the money away before each block. */
const MAX_REVERTS = 2;

export function createDepositFollower(init: DepositFollowerInit): DepositFollower {
  const { network, rpc, ledger, sender, key, onDeposit } = init;
  /** By nonce, what is being sent now: two calls must not both send one, and both are told its hash. */
  const sending = new Map<Hex, Promise<Hex | undefined>>();
  /** By channel. */
  const reverts = new Map<Hex, number>();
  sender.onEnd(({ kind, channels, ending }) => {
    if (kind !== 'deposit') return;
    for (const { id } of channels) {
      if (ending === 'reverted') reverts.set(id, (reverts.get(id) ?? 0) + 1);
      if (ending === 'mined') reverts.delete(id);
    }
  });

  const open = (): StoredDeposit[] =>
    ledger.deposits
      .list(['pending', 'unsafe'])
      .filter(({ channelId }) => ledger.channels.get(channelId)?.chainId === network.chainId);

  const isOpen = ({ nonce }: StoredDeposit): boolean => open().some((deposit) => deposit.nonce === nonce);

  const used = async (deposit: StoredDeposit, block: 'latest' | 'safe'): Promise<boolean> => {
    const payer = ledger.channels.get(deposit.channelId)?.config.payer;
    return payer !== undefined && rpc.at(block).read(readAuthorizationUsed(network, payer, deposit.nonce));
  };

  const inFlight = (channel: Hex): Hex | undefined =>
    sender.underWay().find(({ kind, channels }) => kind === 'deposit' && channels.some(({ id }) => id === channel))
      ?.hash;

  const move = async (deposit: StoredDeposit, state: DepositStep, place = {}): Promise<void> => {
    await ledger.deposits.move(deposit.nonce, state, place);
    if (state !== deposit.state) onDeposit(deposit.channelId, state);
  };

  /** Whether a used authorization brought money, and was not cancelled by its payer: our own receipt says so, or the balance. */
  const brought = async (deposit: StoredDeposit): Promise<boolean> => {
    const receipt = deposit.txHash === undefined ? undefined : await readReceipt(rpc, deposit.txHash);
    if (receipt?.succeeded === true) return true;
    const { balance } = await rpc.at('latest').read(readChannel(network, deposit.channelId));
    const counted = ledger.deposits
      .list(['unsafe', 'safe'])
      .filter(({ channelId, nonce }) => channelId === deposit.channelId && nonce !== deposit.nonce);
    // What was paid back since lowers the balance: then it is called failed though it came. The balance counts all the same.
    return balance >= counted.reduce((sum, { amount }) => sum + amount, deposit.amount);
  };

  /** On the chain: in a block that is safe, or not yet. */
  const found = async (deposit: StoredDeposit): Promise<void> => {
    if (deposit.state === 'pending' && !(await brought(deposit))) {
      await move(deposit, 'failed');
      return;
    }
    const receipt = deposit.txHash === undefined ? undefined : await readReceipt(rpc, deposit.txHash);
    const place = receipt === undefined ? {} : { block: receipt.block, blockHash: receipt.blockHash };
    const state = (await used(deposit, 'safe')) ? 'safe' : 'unsafe';
    if (state !== deposit.state || receipt?.block !== deposit.block) await move(deposit, state, place);
  };

  /** Simulates and sends. Throws `PaymentError` deposit_failed where the chain would not take it. */
  const send = (deposit: StoredDeposit): Promise<Hex | undefined> => {
    const sent = sending.get(deposit.nonce) ?? sendNow(deposit).finally(() => sending.delete(deposit.nonce));
    sending.set(deposit.nonce, sent);
    return sent;
  };

  const sendNow = async (deposit: StoredDeposit): Promise<Hex | undefined> => {
    const channel = ledger.channels.get(deposit.channelId);
    if (channel === undefined) return undefined;
    const call = depositCall(network, channel.config, deposit);
    await rpc.request('eth_call', [{ from: key.address, ...call }, 'latest']).catch((cause: unknown) => {
      if (!isChainError(cause, 'call_failed')) throw cause;
      throw new PaymentError('deposit_failed', 'the chain would not take it', { cause });
    });
    const channels = [{ id: deposit.channelId, max: deposit.amount }];
    const { hash } = await sender.send({ kind: 'deposit', channels, call });
    await ledger.deposits.move(deposit.nonce, 'pending', { txHash: hash });
    return hash;
  };

  /** Nowhere on the chain: not yet, or not any more. */
  const missing = async (deposit: StoredDeposit, head: Head): Promise<void> => {
    const flying = inFlight(deposit.channelId);
    if (deposit.state === 'unsafe' || (flying !== undefined && flying !== deposit.txHash)) {
      // Its block was undone, or it was sent again with another price.
      await move(deposit, 'pending', flying === undefined ? {} : { txHash: flying });
    }
    // Whoever sends it says what became of it.
    if (flying !== undefined || sending.has(deposit.nonce)) return;
    const hopeless = (reverts.get(deposit.channelId) ?? 0) >= MAX_REVERTS || deposit.validBefore <= head.timestamp;
    if (hopeless) {
      reverts.delete(deposit.channelId);
      await move(deposit, 'failed');
      return;
    }
    await send(deposit).catch(async (error: unknown) => {
      if (!(error instanceof PaymentError)) throw error;
      // After a reorganisation the payer's money may come back a block later: it is tried until its time is over.
      if (deposit.txHash === undefined && isOpen(deposit)) await move(deposit, 'failed');
    });
  };

  return {
    submit: async (channel) => {
      let txHash: Hex | undefined;
      const waiting = open().filter(({ channelId, state }) => channelId === channel && state === 'pending');
      for (const deposit of waiting) {
        if (await used(deposit, 'latest')) {
          await found(deposit);
          const now = ledger.deposits.list().find(({ nonce }) => nonce === deposit.nonce);
          if (now?.state === 'failed') throw new PaymentError('deposit_failed', 'the authorization was used already');
          txHash = deposit.txHash;
          continue;
        }
        try {
          txHash = inFlight(channel) ?? (await send(deposit));
        } catch (error) {
          if (error instanceof PaymentError && isOpen(deposit)) await move(deposit, 'failed');
          throw error;
        }
      }
      return { txHash };
    },
    follow: async (head) => {
      await eachInTurn(open(), async (deposit) => {
        if (await used(deposit, 'latest')) await found(deposit);
        else await missing(deposit, head);
      });
    },
    busy: () => open().length > 0,
  };
}
