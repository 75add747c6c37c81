// The wallet's first view, open or locked: balance, what it costs, and the deposits with relays. One click from the first view of the popup.

import type { JSX } from 'preact';
import type { PaymentStatus } from '../../src/core/payment/payment-status.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';
import { showBytes, showMoney } from '../money.ts';
import { Button, Trouble, Way, wordsFor } from '../parts.tsx';
import { Channels } from './channels.tsx';
import { networkTitle } from './network-title.ts';
import type { Payments } from './use-payments.ts';

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
        <Way to="wallet/deposit">{t('pay_to_deposit')}</Way>
        <Way to="wallet/receive">{t('pay_to_receive')}</Way>
      </div>
      <Costs status={status} />
      <Channels status={status} refresh={payments.refresh} />
      <nav class="ways">
        <Way to="wallet/history">{t('pay_to_history')}</Way>
        <Way to="wallet/limits">{t('pay_to_limits')}</Way>
        <Way to="wallet/servers">{t('pay_to_servers')}</Way>
        <Way to="wallet/accounts">{t('pay_to_accounts')}</Way>
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
          <Way to="wallet/question">{deposit === null ? t('pay_dearer_title') : t('pay_deposit_waits')}</Way>
        </p>
      )}
      {needsDeposit ? <p class="advice">{t('pay_deposit_needed')}</p> : null}
      {low === null ? null : (
        <p class="advice">
          {t('pay_deposit_low', { left: showMoney(low.left, network), operator: low.payee.operator })}{' '}
          <Way to="wallet/deposit">{low.isTopUp ? t('pay_deposit_low_top_up') : t('pay_deposit_low_another')}</Way>
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
      <h2>{t('pay_balance')}</h2>
      {balance.is === 'known' ? (
        <p>
          <strong>{showMoney(balance.amount, network)}</strong>{' '}
          {t('pay_balance_on', { network: networkTitle(network.name) })}
        </p>
      ) : (
        <>
          <p class="note">{unknownWords(balance.why)}</p>
          {balance.why === 'no-circuit' ? (
            <Button action="ask-directly" busy={payments.isDirect} onClick={payments.allowDirect}>
              {payments.isDirect ? t('common_one_moment') : t('pay_ask_anyway')}
            </Button>
          ) : null}
        </>
      )}
    </div>
  );
}

type Why = Extract<PaymentStatus['balance'], { is: 'unknown' }>['why'];

const UNKNOWN = {
  'no-wallet': 'pay_balance_no_wallet',
  locked: 'pay_balance_locked',
  'no-circuit': 'pay_balance_no_circuit',
} as const satisfies Partial<Record<Why, MessageKey>>;

function unknownWords(why: Why): string | undefined {
  if (why === 'no-wallet' || why === 'locked' || why === 'no-circuit') return t(UNKNOWN[why]);
  return wordsFor(why);
}

/** What is counted, and what it says. */
type Row = [name: string, value: string];

function freeRow(bytes: number): Row {
  return [t('pay_free'), t('pay_free_left', { bytes: showBytes(bytes) })];
}

function Costs({ status }: { status: PaymentStatus }): JSX.Element {
  const { entry, tab, today, session, limits, network } = status;
  const money = (units: string): string => showMoney(units, network);
  const rows: Row[] = [
    [t('pay_price'), priceWords(entry, money)],
    ...(entry?.freeBytes == null ? [] : [freeRow(entry.freeBytes)]),
    [
      t('pay_this_tab'),
      tab === null ? t('pay_not_counted') : t('pay_used', { money: money(tab.cost), bytes: showBytes(tab.bytes) }),
    ],
    [
      t('pay_today'),
      t('pay_used_of_limit', { money: money(today.cost), bytes: showBytes(today.bytes), limit: money(limits.perDay) }),
    ],
    [t('pay_session'), t('pay_spent_of_limit', { money: money(session.cost), limit: money(limits.perSession) })],
  ];
  return (
    <div>
      <h2>{t('pay_costs')}</h2>
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
  if (entry === null) return t('pay_price_no_relay');
  return entry.pricePerGb === null ? t('pay_price_none') : t('pay_price_per_gb', { money: money(entry.pricePerGb) });
}
