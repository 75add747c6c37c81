// What happened to the person's money, the newest first, with the way to an explorer where there is one.

import type { JSX } from 'preact';
import type { HistoryKind, PaymentStatus } from '../../src/core/payment/payment-status.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';
import { showMoney } from '../money.ts';
import { View } from '../parts.tsx';
import { showTime } from '../times.ts';

const KINDS: Readonly<Record<HistoryKind, MessageKey>> = {
  deposit: 'pay_history_deposit',
  'top-up': 'pay_history_top_up',
  renewal: 'pay_history_renewal',
  refund: 'pay_history_refund',
  'withdrawal-begun': 'pay_history_withdrawal_begun',
  withdrawn: 'pay_history_withdrawn',
  failed: 'pay_history_failed',
};

export function History({ status: { history, network } }: { status: PaymentStatus }): JSX.Element {
  const { explorer } = network;
  return (
    <View route="wallet/history" title={t('pay_history_title')}>
      {history.length === 0 ? <p>{t('pay_history_none')}</p> : null}
      <ul class="rows">
        {history.map(({ at, kind, operator, amount, txHash }) => (
          <li key={`${at} ${kind} ${txHash}`} data-kind={kind}>
            <strong>{t(KINDS[kind])}</strong>
            <span>{showMoney(amount, network)}</span>
            <span class="note">{t('pay_history_line', { operator, time: showTime(at) })}</span>
            {txHash === null || explorer === null ? null : (
              <a class="note" href={`${explorer}/tx/${txHash}`} target="_blank" rel="noreferrer">
                {t('pay_history_explorer')}
              </a>
            )}
          </li>
        ))}
      </ul>
      {history.length > 0 && explorer !== null ? <p class="note">{t('pay_history_explorer_note')}</p> : null}
    </View>
  );
}
