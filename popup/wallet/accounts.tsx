// The accounts of the open wallet, and what can be done with them.

import type { JSX } from 'preact';
import type { WalletStatus } from '../../src/core/wallet/wallet-status.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';
import { Button, Trouble, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { Copy } from './copy.tsx';

export type OpenStatus = Extract<WalletStatus, { is: 'open' }>;
export type AccountsProps = { status: OpenStatus; onStatus: (status: WalletStatus) => void };

type Kind = OpenStatus['accounts'][number]['kind'];
const KINDS: Readonly<Record<Kind, MessageKey>> = { derived: 'wallet_accounts_derived', key: 'wallet_accounts_key' };
const PAYING_KINDS: Readonly<Record<Kind, MessageKey>> = {
  derived: 'wallet_accounts_derived_pays',
  key: 'wallet_accounts_key_pays',
};

export function Accounts({ status, onStatus }: AccountsProps): JSX.Element {
  const { ask, go } = useShell();
  const { busy, error, run } = useAction();
  const hasWords = status.accounts.some(({ kind }) => kind === 'derived');
  const lock = (): void =>
    run(async () => {
      onStatus(await ask('wallet/lock', {}));
      go('wallet');
    });
  const payFrom = (account: string) => (): void =>
    run(async () => onStatus(await ask('wallet/set-paying', { account })));
  return (
    <View route="wallet/accounts" title={t('wallet_accounts_title')}>
      {status.wasRestored ? <p class="advice">{t('wallet_accounts_restored')}</p> : null}
      <ul class="rows" aria-label={t('wallet_accounts_list')}>
        {status.accounts.map(({ address, kind }) => (
          <li key={address} data-account={address}>
            <code class="address">{address}</code>
            <span class="note">{t((address === status.paying ? PAYING_KINDS : KINDS)[kind])}</span>
            <Copy text={address} label={t('common_copy')} />
            {address === status.paying ? null : (
              <Button action="pay-from" busy={busy} onClick={payFrom(address)}>
                {t('wallet_accounts_choose')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {status.accounts.length > 1 ? <p class="note">{t('wallet_accounts_about')}</p> : null}
      <nav class="ways">
        {hasWords ? (
          <Button
            action="add-account"
            busy={busy}
            onClick={() => run(async () => onStatus(await ask('wallet/add-account', {})))}
          >
            {t('wallet_accounts_add')}
          </Button>
        ) : null}
        <Button action="lock" busy={busy} onClick={lock}>
          {t('wallet_accounts_lock')}
        </Button>
        <Way to="wallet/import">{t('wallet_accounts_bring_in')}</Way>
        <Way to="wallet/export">{t('wallet_accounts_backup')}</Way>
        <Way to="wallet/find">{t('wallet_accounts_find')}</Way>
        <Way to="wallet/password">{t('wallet_accounts_password')}</Way>
        {status.isConfirmed ? null : <Way to="wallet/confirm">{t('wallet_confirm_now')}</Way>}
      </nav>
      <Trouble words={wordsFor(error)} />
    </View>
  );
}
