// The wallet's first view, open or locked: balance, what it costs, and the deposits with relays. One click from the first view of the popup.

import type { JSX } from 'preact';
import type { PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { showBytes, showMoney } from '../money.ts';
import { Button, Trouble, Way, wordsFor } from '../parts.tsx';
import { Channels } from './channels.tsx';
import type { Payments } from './use-payments.ts';
import { WORDS } from './words.ts';

const W = WORDS.overview;

export function Overview({ payments }: { payments: Payments }): JSX.Element {
  const { status, error } = payments;
  if (status === undefined) {
    return (
      <section class="overview" aria-busy={error === undefined}>
        <Trouble words={wordsFor(error)} />
      </section>
    );
  }
  return (
    <section class="overview">
      <Problem status={status} />
      <Balance payments={payments} status={status} />
      <div class="ways main">
        <Way to="wallet/deposit">{W.deposit}</Way>
        <Way to="wallet/receive">{W.receive}</Way>
      </div>
      <Costs status={status} />
      <Channels status={status} refresh={payments.refresh} />
      <nav class="ways">
        <Way to="wallet/history">{W.history}</Way>
        <Way to="wallet/limits">{W.limits}</Way>
        <Way to="wallet/servers">{W.servers}</Way>
        <Way to="wallet/accounts">{W.accounts}</Way>
      </nav>
    </section>
  );
}

function Problem({ status }: { status: PaymentStatus }): JSX.Element {
  const { problem, deposit, price, needsDeposit, low, network } = status;
  return (
    <>
      {deposit === null && price === null ? null : (
        <p class="advice">
          <Way to="wallet/question">{deposit === null ? WORDS.price.title : WORDS.deposit.waits}</Way>
        </p>
      )}
      {needsDeposit ? <p class="advice">{WORDS.deposit.needed}</p> : null}
      {low === null ? null : (
        <p class="advice">
          {WORDS.deposit.low(showMoney(low.left, network), low.payee.operator)}{' '}
          <Way to="wallet/deposit">{WORDS.deposit.lowWay[`${low.isTopUp}`]}</Way>
        </p>
      )}
      {problem === null ? null : (
        <p class="advice" role="alert">
          {wordsFor(problem)}
        </p>
      )}
    </>
  );
}

function Balance({
  payments,
  status: { balance, network },
}: {
  payments: Payments;
  status: PaymentStatus;
}): JSX.Element {
  return (
    <div class="balance">
      <h2>{W.balance}</h2>
      {balance.is === 'known' ? (
        <p>
          <strong>{showMoney(balance.amount, network)}</strong> {W.on(network.title)}
        </p>
      ) : (
        <>
          <p class="note">{unknownWords(balance.why)}</p>
          {balance.why === 'no-circuit' ? (
            <Button action="ask-directly" busy={payments.isDirect} onClick={payments.allowDirect}>
              {payments.isDirect ? W.asking : W.askAnyway}
            </Button>
          ) : null}
        </>
      )}
    </div>
  );
}

type Why = Extract<PaymentStatus['balance'], { is: 'unknown' }>['why'];

function unknownWords(why: Why): string | undefined {
  if (why === 'no-wallet' || why === 'locked' || why === 'no-circuit') return W.unknown[why];
  return wordsFor(why);
}

function Costs({ status }: { status: PaymentStatus }): JSX.Element {
  const { entry, tab, today, session, limits, network } = status;
  const money = (units: string): string => showMoney(units, network);
  const rows: [string, string][] = [
    [W.price, priceWords(entry, money)],
    ...(entry?.freeBytes == null ? [] : [[W.free, W.left(showBytes(entry.freeBytes))] as [string, string]]),
    [W.tab, tab === null ? W.notCounted : W.use(money(tab.cost), showBytes(tab.bytes))],
    [W.today, W.ofLimit(W.use(money(today.cost), showBytes(today.bytes)), money(limits.perDay))],
    [W.session, W.ofLimit(money(session.cost), money(limits.perSession))],
  ];
  return (
    <div>
      <h2>{W.costs}</h2>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function priceWords(entry: PaymentStatus['entry'], money: (units: string) => string): string {
  if (entry === null) return W.noRelay;
  return entry.pricePerGb === null ? W.noPrice : W.perGb(money(entry.pricePerGb));
}
