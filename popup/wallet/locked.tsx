// The password's form, with the wait that wrong ones cost; and what is said where nothing stored can be read.

import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { WalletStatus } from '../../src/core/wallet/wallet-status.ts';
import type { MessageErrorCode } from '../../src/messages/protocol.ts';
import { t } from '../../src/text/translate.ts';
import { Field, Form, take, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { useCountdown } from '../use-countdown.ts';

export type UnlockProps = { tryAgainAt: number | undefined; onStatus: (status: WalletStatus) => void };

export function Unlock({ tryAgainAt, onStatus }: UnlockProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const field = useRef<HTMLInputElement>(null);
  const seconds = useCountdown(tryAgainAt);
  const unlock = (): void => {
    const password = take(field);
    run(async () => {
      try {
        onStatus(await ask('wallet/unlock', { password }));
      } catch (refused) {
        // How long to wait is in the status.
        onStatus(await ask('wallet/status', {}));
        throw refused;
      }
    });
  };
  const label = seconds > 0 ? t('wallet_locked_wait', { seconds }) : t('wallet_locked_unlock');
  return (
    <Form {...{ label, busy, error: wordsFor(error), blocked: seconds > 0, onSubmit: unlock }}>
      <Field {...{ name: 'password', label: t('wallet_password'), type: 'password', field, first: true }} />
    </Form>
  );
}

/** @param children what is known of payments without the wallet */
export function Locked({ children, ...unlock }: UnlockProps & { children?: ComponentChildren }): JSX.Element {
  return (
    <View route="wallet" title={t('wallet_locked_title')}>
      <p>{t('wallet_locked_about')}</p>
      <Unlock {...unlock} />
      {children}
      <Way to="wallet/import">{t('wallet_locked_forgotten')}</Way>
    </View>
  );
}

export function Damaged({ why }: { why: MessageErrorCode }): JSX.Element {
  return (
    <View route="wallet" title={t('wallet_damaged_title')}>
      <p class="advice">{wordsFor(why)}</p>
      <p>{t('wallet_damaged_about')}</p>
      <Way to="wallet/import">{t('wallet_damaged_bring_in')}</Way>
    </View>
  );
}
