// No wallet yet: make one, or go where one is brought in. And the words of a new one, shown once.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { WalletStatus } from '../../src/core/wallet/wallet-status.ts';
import { t } from '../../src/text/translate.ts';
import { Form, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { NewPasswordFields, useNewPassword } from './new-password.tsx';
import { WordList } from './word-list.tsx';

export type CreateProps = { onCreated: (made: { words: string[]; status: WalletStatus }) => void };

export function Create({ onCreated }: CreateProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const [differs, setDiffers] = useState(false);
  const password = useNewPassword();
  const create = (): void => {
    const taken = password.take();
    setDiffers(taken === undefined);
    if (taken !== undefined) run(async () => onCreated(await ask('wallet/create', { password: taken })));
  };
  const trouble = differs ? t('wallet_password_differs') : wordsFor(error);
  return (
    <View route="wallet" title={t('wallet_none_title')}>
      <p>{t('wallet_none_about')}</p>
      <Form {...{ label: t('wallet_none_create'), busy, error: trouble, onSubmit: create }}>
        <NewPasswordFields {...password.fields} first />
      </Form>
      <Way to="wallet/import">{t('wallet_none_bring_in')}</Way>
    </View>
  );
}

/** The words are in the document while this view is, and nowhere else. */
export function FreshWords({ words, onWritten }: { words: readonly string[]; onWritten: () => void }): JSX.Element {
  return (
    <View route="wallet" title={t('wallet_fresh_title')}>
      <p>{t('wallet_fresh_about')}</p>
      <WordList words={words} />
      <Form {...{ label: t('wallet_fresh_done'), busy: false, onSubmit: onWritten }} />
    </View>
  );
}
