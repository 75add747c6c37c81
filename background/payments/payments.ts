// What the person may ask of payments, done. For now there is no session with an entry, so nothing but the state of nothing.

import { AskingError } from '../../src/core/payment/payment-problem.ts';
import type { Wallet } from '../wallet/wallet.ts';
import type { PaymentActions } from './payment-messages.ts';

export type PaymentsDeps = { wallet: Pick<Wallet, 'status'> };

export function createPayments({ wallet }: PaymentsDeps): PaymentActions {
  const refuse = (): Promise<never> => Promise.reject(new AskingError('payment-no-relay'));
  return {
    status: async () => {
      const status = await wallet.status();
      const account = status.is === 'open' ? (status.accounts[0]?.address ?? null) : null;
      return {
        network: {
          name: 'devnet',
          title: 'this machine (play money)',
          chainId: 31337,
          symbol: 'USDC',
          decimals: 6,
          explorer: null,
          rpcs: [],
        },
        account,
        balance: {
          is: 'unknown',
          why: account === null ? (status.is === 'locked' ? 'locked' : 'no-wallet') : 'no-circuit',
        },
        entry: null,
        tab: null,
        today: { bytes: 0, cost: '0' },
        session: { cost: '0' },
        channels: [],
        history: [],
        limits: { perDay: '1000000', perSession: '500000', askAbovePerGb: '200000' },
        deposit: null,
        price: null,
        needsDeposit: false,
        problem: null,
      };
    },
    askDeposit: refuse,
    confirmDeposit: refuse,
    refuseDeposit: refuse,
    answerPrice: refuse,
    setLimits: refuse,
    closeChannel: refuse,
    withdraw: refuse,
    setRpcs: refuse,
  };
}
