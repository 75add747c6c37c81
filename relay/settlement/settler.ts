// The beat of the chain side of a relay: where the chain stands, what became of transactions and deposits, what payers did to their channels, what to claim and
// pay out. Each part by itself: what fails in one is told, and holds up no other. Made by relay/chain/create.ts; `conet-relay settle` makes one of its own.

import type { Network } from '../../src/chain/rail/networks.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { readHead, type Head } from '../chain/answers.ts';
import { GAS_RULES, type GasRules } from '../chain/gas.ts';
import { createSender, type Sender } from '../chain/sender.ts';
import type { Ended } from '../chain/sender-entry.ts';
import type { Servers } from '../chain/servers.ts';
import type { DepositStep } from '../ledger/deposits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PaymentKey } from '../payment-key.ts';
import type { ClaimRules, SettleRules } from './batch.ts';
import { createClaims, type Claims } from './claims.ts';
import { createRefunds, type Refunds } from './refunds.ts';
import { createDepositFollower, type DepositFollower } from './deposits.ts';
import { createChannelWatch, type ChannelWatch } from './watch.ts';

export type Settler = {
  sender: Sender;
  deposits: DepositFollower;
  watch: ChannelWatch;
  claims: Claims;
  refunds: Refunds;
  /** One round; never throws. Returns whether something is under way, and the next one should come soon. */
  beat(): Promise<boolean>;
};

export type SettlerInit = {
  network: Network;
  servers: Servers;
  ledger: Ledger;
  key: PaymentKey;
  gas?: GasRules;
  rules?: { claim?: ClaimRules; settle?: SettleRules };
  /** ms since the epoch. */
  now?: () => number;
  on: SettlerEvents;
};

export type SettlerEvents = {
  deposit: (channel: Hex, state: DepositStep) => void;
  channel: (id: Hex) => void;
  withdrawal?: (id: Hex, withdrawAt: number | undefined) => void;
  ended?: (transaction: Ended) => void;
  /** A part of a round failed; once for each part until it works again, or fails in another way. */
  trouble?: (part: string, error: unknown) => void;
  /** It works again. */
  relief?: (part: string) => void;
};

/** Throws `LedgerError`. */
export async function createSettler(init: SettlerInit): Promise<Settler> {
  const { network, servers, ledger, key, on, now = Date.now, rules = {}, gas = GAS_RULES[network.name] } = init;
  /** Parts that failed last time, by what they said: trouble is told when it begins and when it changes. */
  const troubles = new Map<string, string>();
  const part = async (name: string, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      if (troubles.delete(name)) on.relief?.(name);
      return true;
    } catch (error) {
      const text = error instanceof Error ? `${error.name} ${error.message}` : 'not an error';
      if (troubles.get(name) !== text) on.trouble?.(name, error);
      troubles.set(name, text);
      return false;
    }
  };

  const sender = await createSender({ network, rpc: servers, ledger, key, rules: gas, now });
  const common = { network, rpc: servers, ledger, sender, key };
  const deposits = createDepositFollower({ ...common, onDeposit: on.deposit });
  const watch = createChannelWatch({
    ...common,
    now,
    onChannel: on.channel,
    ...(on.withdrawal && { onWithdrawal: on.withdrawal }),
  });
  const claims = createClaims({ ...common, watch, now });
  const refunds = createRefunds({ ...common, watch });
  sender.onEnd((ended) => on.ended?.(ended));

  const round = async (): Promise<void> => {
    let head: Head | undefined;
    await part('chain', async () => {
      await servers.confirm();
      head = await readHead(servers);
    });
    if (head === undefined) return;
    const at = head;
    await part('transactions', () => sender.follow(at));
    await part('deposits', () => deposits.follow(at));
    // Nothing is claimed by what was not read: a withdrawal may have begun.
    if (!(await part('channels', () => watch.look(at)))) return;
    await part('claims', async () => {
      await claims.claim(rules.claim);
    });
    await part('refunds', () => refunds.again());
    await part('settlement', async () => {
      await claims.settle(rules.settle);
    });
  };

  return {
    sender,
    deposits,
    watch,
    claims,
    refunds,
    beat: async () => {
      await part('ledger', round);
      return sender.underWay().length > 0 || deposits.busy();
    },
  };
}
