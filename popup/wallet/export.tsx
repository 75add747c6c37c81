// Words or a keystore file, behind the password. The words are in the document while they are shown, and gone with the view.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Exported } from '../../src/core/wallet/wallet-status.ts';
import { t } from '../../src/text/translate.ts';
import { Button, Field, Form, take, View, wordsFor } from '../parts.tsx';
import { useAction, useIsThere, useShell } from '../shell.ts';
import type { OpenStatus } from './accounts.tsx';
import { WordList } from './word-list.tsx';

export function Export({ status }: { status: OpenStatus }): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const isThere = useIsThere();
  const hasWords = status.accounts.some(({ kind }) => kind === 'derived');
  /** Null: the words. */
  const [account, setAccount] = useState<string | null>(hasWords ? null : (status.accounts[0]?.address ?? null));
  const [words, setWords] = useState<readonly string[]>();
  const [saved, setSaved] = useState(false);
  const password = useRef<HTMLInputElement>(null);

  const show = (exported: Exported): void => {
    if (!isThere()) return;
    if (exported.kind === 'words') setWords(exported.words);
    else {
      saveFile(exported.json, `conet-${(account ?? '').toLowerCase()}.json`);
      setSaved(true);
    }
  };
  if (words !== undefined) {
    return (
      <View route="wallet/export" title={t('wallet_fresh_list')}>
        <p class="advice">{t('wallet_export_warning')}</p>
        <WordList words={words} />
        <Button action="hide" onClick={() => setWords(undefined)}>
          {t('wallet_export_hide')}
        </Button>
      </View>
    );
  }
  const choices = [...(hasWords ? [null] : []), ...status.accounts.map(({ address }) => address)];
  const submit = (): void => {
    const taken = take(password);
    setSaved(false);
    run(async () => show(await ask('wallet/export', { password: taken, account })));
  };
  return (
    <View route="wallet/export" title={t('wallet_export_title')}>
      <p class="advice">{t('wallet_export_warning')}</p>
      <Form
        label={account === null ? t('wallet_export_show') : t('wallet_export_save')}
        {...{ busy, error: wordsFor(error), onSubmit: submit }}
      >
        <fieldset>
          <legend>{t('wallet_export_what')}</legend>
          {choices.map((each) => (
            <label key={each} class="address">
              <input type="radio" name="what" checked={account === each} onChange={() => setAccount(each)} />
              {each === null ? t('wallet_export_words') : t('wallet_export_keystore', { address: each })}
            </label>
          ))}
        </fieldset>
        <Field {...{ name: 'password', label: t('wallet_password'), type: 'password', field: password, first: true }} />
      </Form>
      <p role="status">{saved ? t('wallet_export_saved') : ''}</p>
    </View>
  );
}

/** The file is encrypted under the password; its address in memory is given back at once. */
function saveFile(json: string, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
