// Another password for the wallet, behind the one of now.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { WalletStatus } from '../../src/core/wallet/wallet-status.ts';
import { t } from '../../src/text/translate.ts';
import { Field, Form, take, View, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { NewPasswordFields, useNewPassword } from './new-password.tsx';

export function ChangePassword({ onStatus }: { onStatus: (status: WalletStatus) => void }): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const [differs, setDiffers] = useState(false);
  const [changed, setChanged] = useState(false);
  const old = useRef<HTMLInputElement>(null);
  const chosen = useNewPassword();
  const change = (): void => {
    const to = chosen.take();
    setDiffers(to === undefined);
    setChanged(false);
    if (to === undefined) return;
    const from = take(old);
    run(async () => {
      onStatus(await ask('wallet/change-password', { from, to }));
      setChanged(true);
    });
  };
  return (
    <View route="wallet/password" title={t('wallet_change_title')}>
      <Form
        {...{ label: t('wallet_change_done'), busy, onSubmit: change }}
        error={differs ? t('wallet_password_differs') : wordsFor(error)}
      >
        <Field
          {...{ name: 'old-password', label: t('wallet_change_old'), type: 'password', field: old, first: true }}
        />
        <NewPasswordFields {...chosen.fields} />
      </Form>
      <p role="status">{changed ? t('wallet_change_changed') : ''}</p>
    </View>
  );
}
