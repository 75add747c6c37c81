// What the worker may say of payments, for the popup's tests.

import type { ChannelView, DepositQuestion, PaymentStatus } from '../../src/core/payment/payment-status.ts';

export const NO_PAYMENTS: PaymentStatus = {
  network: {
    name: 'devnet',
    title: 'this machine (play money)',
    chainId: 31337,
    symbol: 'USDC',
    decimals: 6,
    explorer: null,
    rpcs: [],
  },
  ...{ account: null, balance: { is: 'unknown', why: 'no-wallet' }, entry: null, tab: null },
  ...{ today: { bytes: 0, cost: '0' }, session: { cost: '0' }, channels: [], history: [] },
  limits: { perDay: '1000000', perSession: '500000', askAbovePerGb: '200000' },
  ...{ deposit: null, price: null, needsDeposit: false, low: null, problem: null },
};

const TOKEN = '0xc0e7000000000000000000000000000000005dc0';
const BIRCH = { peer: 'k51birch', operator: 'birch' };

/** 5 USDC, valid until 2026-11-23 12:00 UTC. */
export const QUESTION: DepositQuestion = {
  ...{ id: 'ab'.repeat(16), payee: BIRCH, channel: `0x${'c4'.repeat(32)}`, isTopUp: false },
  ...{ amount: '5000000', network: 'this machine (play money)', symbol: 'USDC', expiresAt: 1_795_435_200_000 },
  message: {
    ...{ from: '0x9858EfFD232B4033E47d90003D41EC34EcaEda94', to: '0x4020806089470a89826cb9fb1f4059150b550004' },
    ...{ value: '5000000', validAfter: 0, validBefore: 1_795_435_200, nonce: `0x${'9e'.repeat(32)}` },
  },
  domain: { name: 'USDC', version: '2', chainId: 31337, verifyingContract: TOKEN },
  config: {
    ...{ payer: '0x9858effd232b4033e47d90003d41ec34ecaeda94', payerAuthorizer: `0x${'5e'.repeat(20)}` },
    ...{ receiver: `0x${'bb'.repeat(20)}`, receiverAuthorizer: `0x${'bb'.repeat(20)}`, token: TOKEN },
    ...{ withdrawDelay: 86_400, salt: `0x${'5a'.repeat(32)}` },
  },
  renewal: null,
};

export const CHANNEL: ChannelView = {
  ...{ id: `0x${'c4'.repeat(32)}`, payee: BIRCH, state: 'open' },
  ...{ deposited: '5000000', spent: '1800000', left: '3200000', refundAt: null },
  ...{ renewal: null, found: null },
};
