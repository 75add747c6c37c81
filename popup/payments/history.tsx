// What happened to the person's money, the newest first, with the way to an explorer where there is one.

import type { JSX } from 'preact';
import type { PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { showMoney } from '../money.ts';
import { View } from '../parts.tsx';
import { showTime, WORDS } from './words.ts';

const W = WORDS.history;

export function History({ status: { history, network } }: { status: PaymentStatus }): JSX.Element {
  const { explorer } = network;
  return (
    <View route="wallet/history" title={W.title}>
      {history.length === 0 ? <p>{W.none}</p> : null}
      <ul class="rows">
        {history.map(({ at, kind, operator, amount, txHash }) => (
          <li key={`${at} ${kind} ${txHash}`} data-kind={kind}>
            <strong>{W.kind[kind]}</strong>
            <span>{showMoney(amount, network)}</span>
            <span class="note">
              {operator}, {showTime(at)}
            </span>
            {txHash === null || explorer === null ? null : (
              <a class="note" href={`${explorer}/tx/${txHash}`} target="_blank" rel="noreferrer">
                {W.explorer}
              </a>
            )}
          </li>
        ))}
      </ul>
      {history.length > 0 && explorer !== null ? <p class="note">{W.explorerNote}</p> : null}
    </View>
  );
}
