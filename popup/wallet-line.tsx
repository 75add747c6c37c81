// The first view's way into the wallet, and what waits for the person's word. Its height is the same whatever is known.

import type { JSX } from 'preact';
import { t } from '../src/text/translate.ts';
import { hashOf } from './route.ts';
import type { WalletLineModel } from './wallet-line-model.ts';

export function WalletLine({ money }: Pick<WalletLineModel, 'money'>): JSX.Element {
  return (
    <p class="purse">
      <a href={hashOf('wallet')} data-action="wallet">
        {t('wallet_title')}
      </a>
      <span class="money">{money}</span>
      <a href={hashOf('wallet/deposit')} data-action="deposit">
        {t('wallet_line_deposit')}
      </a>
    </p>
  );
}

export function WaitingWord({ words, way, to }: NonNullable<WalletLineModel['waits']>): JSX.Element {
  return (
    <p class="advice waits" role="status">
      {words} <a href={hashOf(to)}>{way}</a>
    </p>
  );
}
