// The accounts of the open wallet, and what can be done with them.

import type { JSX } from 'preact';
import type { WalletStatus } from '../../src/core/wallet/wallet-status.ts';
import { Button, Trouble, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { Copy } from './copy.tsx';
import { WORDS } from './words.ts';

export type OpenStatus = Extract<WalletStatus, { is: 'open' }>;
export type AccountsProps = { status: OpenStatus; onStatus: (status: WalletStatus) => void };

const W = WORDS.accounts;

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
    <View route="wallet/accounts" title={W.title}>
      {status.wasRestored ? <p class="advice">{W.restored}</p> : null}
      <ul class="rows" aria-label={W.list}>
        {status.accounts.map(({ address, kind }) => (
          <li key={address} data-account={address}>
            <code class="address">{address}</code>
            <span class="note">{address === status.paying ? `${W.kind[kind]}, ${W.pays}` : W.kind[kind]}</span>
            <Copy text={address} label={W.copy} />
            {address === status.paying ? null : (
              <Button action="pay-from" busy={busy} onClick={payFrom(address)}>
                {W.choose}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {status.accounts.length > 1 ? <p class="note">{W.about}</p> : null}
      <nav class="ways">
        {hasWords ? (
          <Button
            action="add-account"
            busy={busy}
            onClick={() => run(async () => onStatus(await ask('wallet/add-account', {})))}
          >
            {W.add}
          </Button>
        ) : null}
        <Button action="lock" busy={busy} onClick={lock}>
          {W.lock}
        </Button>
        <Way to="wallet/import">{W.bringIn}</Way>
        <Way to="wallet/export">{W.backup}</Way>
        <Way to="wallet/find">{W.find}</Way>
        <Way to="wallet/password">{W.password}</Way>
        {status.isConfirmed ? null : <Way to="wallet/confirm">{WORDS.confirm.now}</Way>}
      </nav>
      <Trouble words={wordsFor(error)} />
    </View>
  );
}
