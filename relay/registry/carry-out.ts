// Sends what a step in the registry takes, one after another, each when the one before it is in a block. By the relay's own sender: the ledger has each transaction before
// it is sent, so what a killed run began is followed to its end before anything new is decided. Used by relay/cli/join.ts.

import type { Network } from '../../src/chain/rail/networks.ts';
import { readHead } from '../chain/answers.ts';
import { GAS_RULES } from '../chain/gas.ts';
import { createSender } from '../chain/sender.ts';
import type { Ended } from '../chain/sender-entry.ts';
import type { Servers } from '../chain/servers.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PaymentKey } from '../payment-key.ts';
import { JoinError, type JoinWork } from './join-plan.ts';

export type RegistrySender = {
  /** Until all that an earlier run sent has ended, however it did. Throws `JoinError` where that takes too long, `ChainError`. */
  settle(): Promise<void>;
  /** Resolves when it is in a block. Throws `JoinError`, `ChainError`, `SenderError`. */
  carryOut(work: JoinWork): Promise<Ended>;
};

/** 60 blocks of Base. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 500;

export async function createRegistrySender(init: {
  network: Network;
  servers: Servers;
  ledger: Ledger;
  key: PaymentKey;
  patienceMs?: number;
}): Promise<RegistrySender> {
  const { network, servers, ledger, key, patienceMs = PATIENCE_MS } = init;
  const rules = GAS_RULES[network.name];
  const sender = await createSender({ network, rpc: servers, ledger, key, rules });
  const ended: Ended[] = [];
  sender.onEnd((each) => ended.push(each));

  const until = async (isDone: () => boolean): Promise<void> => {
    const latest = performance.now() + patienceMs;
    for (;;) {
      await sender.follow(await readHead(servers));
      if (isDone()) return;
      if (performance.now() > latest) throw new JoinError('it is in no block yet; run it again to follow it');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };

  return {
    settle: () => until(() => !sender.underWay().some(({ kind }) => kind === 'approve' || kind === 'registry')),
    carryOut: async ({ kind, name, call }) => {
      const { id } = await sender.send({ kind, channels: [], call });
      const own = (): Ended | undefined => ended.find((each) => each.id === id);
      await until(() => own() !== undefined);
      const outcome = own();
      if (outcome?.ending !== 'mined') throw new JoinError(`${name} was ${outcome?.ending ?? 'lost'}; run it again`);
      return outcome;
    },
  };
}
