// Three words asked back, before a new wallet counts as written down.

import type { JSX } from 'preact';
import { createRef } from 'preact';
import { useMemo } from 'preact/hooks';
import type { WalletStatus } from '../../src/core/wallet/wallet-status.ts';
import { t } from '../../src/text/translate.ts';
import { Field, Form, take, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';

export type ConfirmProps = { asked: readonly number[]; onStatus: (status: WalletStatus) => void };

export function Confirm({ asked, onStatus }: ConfirmProps): JSX.Element {
  const { ask, go } = useShell();
  const { busy, error, run } = useAction();
  const fields = useMemo(() => asked.map(() => createRef<HTMLInputElement>()), [asked.join()]);
  const confirm = (): void => {
    const words = fields.map(take);
    run(async () => {
      onStatus(await ask('wallet/confirm', { words }));
      go('wallet');
    });
  };
  return (
    <View route="wallet/confirm" title={t('wallet_confirm_title')}>
      <p>{t('wallet_confirm_about')}</p>
      <Form {...{ label: t('wallet_confirm_done'), busy, error: wordsFor(error), onSubmit: confirm }}>
        {asked.map((place, at) => (
          <Field
            key={place}
            {...{ name: `word-${place}`, label: t('wallet_confirm_word', { place: place + 1 }), first: at === 0 }}
            field={fields[at] ?? createRef<HTMLInputElement>()}
          />
        ))}
      </Form>
      <Way to="wallet/export">{t('wallet_confirm_show_again')}</Way>
      <Way to="wallet">{t('wallet_confirm_later')}</Way>
    </View>
  );
}
