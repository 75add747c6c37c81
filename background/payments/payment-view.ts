// What the popup is shown of payments, from the book and the sessions: pure. Amounts as decimal text.

import { formatAmount, lessOrNone } from '../../src/core/payment/amount.ts';
import { onDay } from '../../src/core/payment/budget.ts';
import { promisable } from '../../src/core/payment/funds.ts';
import type {
  BalanceView,
  ChannelView,
  DepositQuestion,
  PaymentStatus,
} from '../../src/core/payment/payment-status.ts';
import { isDearer, pricePerGb } from '../../src/core/payment/price.ts';
import { quotePrice } from '../../src/core/payment/quote.ts';
import { NO_PEER } from '../../src/core/session/found-channel.ts';
import { channelFor, type BookChannel, type PaymentBook } from '../../src/core/session/payment-book.ts';
import { adviseFor, isInTime } from '../../src/core/session/renewal.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import type { NetworkName } from '../../src/core/payment/payment-status.ts';
import type { Session } from './sessions.ts';

export type ViewFacts = {
  book: PaymentBook;
  network: NetworkName;
  rpcs: readonly string[];
  account: string | null;
  balance: BalanceView;
  /** The session with the entry in use. */
  session: Session | undefined;
  /** By this browser's own count. */
  bytes: { tab: bigint | undefined; today: bigint };
  question: DepositQuestion | undefined;
  /** No lease without a deposit. */
  needsDeposit: boolean;
  now: number;
  /** Which day that is for the person (../today.ts). */
  day: number;
};

export function toPaymentStatus(facts: ViewFacts): PaymentStatus {
  const { book, session, bytes, now, day } = facts;
  const { title, chainId, token, explorer } = NETWORKS[facts.network];
  const price = session === undefined ? 0n : quotePrice(session.terms);
  const spending = onDay(book.spending, day);
  return {
    network: {
      ...{ name: facts.network, title, chainId, symbol: token.symbol, decimals: token.decimals },
      explorer: explorer ?? null,
      rpcs: [...facts.rpcs],
    },
    account: facts.account,
    balance: facts.balance,
    entry:
      session === undefined
        ? null
        : {
            ...{ peer: session.peer, operator: session.operator },
            pricePerGb: formatAmount(pricePerGb(price)),
            minDeposit: formatAmount(session.terms.minDeposit),
            freeBytes: session.isPaid || session.freeBytes === undefined ? null : Number(session.freeBytes),
          },
    tab:
      bytes.tab === undefined
        ? null
        : { bytes: Number(bytes.tab), cost: formatAmount(shareOf(bytes.tab, bytes.today, spending.today)) },
    today: { bytes: Number(bytes.today), cost: formatAmount(spending.today) },
    session: { cost: formatAmount(spending.session) },
    channels: book.channels
      .filter((channel) => channel.network === facts.network)
      .map((channel) => toChannelView(channel, now))
      .reverse(),
    history: book.history.map(({ at, kind, operator, amount, txHash }) => ({
      ...{ at, kind, operator, amount: formatAmount(amount), txHash: txHash ?? null },
    })),
    limits: {
      perDay: formatAmount(book.limits.perDay),
      perSession: formatAmount(book.limits.perSession),
      askAbovePerGb: formatAmount(book.limits.askAbovePerGb),
    },
    deposit: facts.question ?? null,
    price: priceQuestion(facts),
    needsDeposit: facts.needsDeposit,
    low: lowChannel(facts),
    problem: book.problem ?? null,
  };
}

function toChannelView(channel: BookChannel, now: number): ChannelView {
  const { id, peer, operator, state, funds, paid, refundAt, renewal } = channel;
  const deposited = funds.safe + funds.unsafe;
  return {
    ...{ id, payee: { peer, operator }, state, refundAt: refundAt ?? null },
    deposited: formatAmount(deposited),
    spent: formatAmount(paid.signed),
    left: formatAmount(state === 'closed' ? 0n : lessOrNone(deposited, paid.signed)),
    renewal:
      renewal === undefined || !isInTime(renewal, now)
        ? null
        : { amount: formatAmount(renewal.amount), until: renewal.validBefore * 1000 },
    found: state === 'found' ? foundWay(channel) : null,
  };
}

function foundWay({ key, peer }: BookChannel): NonNullable<ChannelView['found']> {
  if (key === undefined) return 'key';
  return peer === NO_PEER ? 'relay' : 'ready';
}

/** The channel that pays the session, if money is needed in it or in another and none is on its way. */
function lowChannel({ book, session }: ViewFacts): PaymentStatus['low'] {
  if (session === undefined) return null;
  const { peer, operator, network, terms } = session;
  const channel = channelFor(book, { peer, network, receiver: terms.receiver });
  if (channel === undefined || channel.deposit !== undefined) return null;
  const advice = adviseFor(channel);
  if (advice === 'enough') return null;
  const left = formatAmount(lessOrNone(promisable(channel.funds), channel.paid.signed));
  return { payee: { peer, operator }, left, isTopUp: advice === 'top-up' };
}

function priceQuestion({ book, session }: ViewFacts): PaymentStatus['price'] {
  if (session === undefined) return null;
  const price = quotePrice(session.terms);
  const agreed = book.agreed[session.peer];
  if (!isDearer(price, book.limits.askAbovePerGb) || (agreed !== undefined && price <= agreed)) return null;
  return {
    payee: { peer: session.peer, operator: session.operator },
    pricePerGb: formatAmount(pricePerGb(price)),
    limitPerGb: formatAmount(book.limits.askAbovePerGb),
  };
}

/** Of what was paid today, by bytes: vouchers know no tabs. */
function shareOf(part: bigint, whole: bigint, cost: bigint): bigint {
  return whole === 0n ? 0n : (cost * part) / (whole > part ? whole : part);
}
