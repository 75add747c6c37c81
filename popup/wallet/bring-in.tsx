// A wallet by words, key or keystore file: as the first one, as another account of the one that is open, or in the place of one that is
// locked for good or damaged.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { MAX_KEYSTORE_CHARACTERS, type ImportSource, type WalletStatus } from '../../src/core/wallet/wallet-status.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';
import { Field, Form, take, View, wordsFor } from '../parts.tsx';
import { hashOf } from '../route.ts';
import { useAction, useIsThere, useShell } from '../shell.ts';
import { NewPasswordFields, useNewPassword } from './new-password.tsx';

type Kind = ImportSource['kind'];
const KINDS: readonly Kind[] = ['words', 'key', 'keystore'];
const KIND_NAMES: Readonly<Record<Kind, MessageKey>> = {
  words: 'wallet_import_kind_words',
  key: 'wallet_import_kind_key',
  keystore: 'wallet_import_kind_keystore',
};
/** Of the field that it is typed into. */
const FIELD_NAMES: Readonly<Record<Kind, MessageKey>> = {
  words: 'wallet_import_words',
  key: 'wallet_import_key',
  keystore: 'wallet_import_keystore',
};

/** `into`: the wallet that there is, if any. */
export type BringInProps = { into: WalletStatus['is']; onStatus: (status: WalletStatus) => void };

export function BringIn({ into, onStatus }: BringInProps): JSX.Element {
  const { ask, go } = useShell();
  const { busy, error, run } = useAction();
  const [kind, setKind] = useState<Kind>('words');
  const [wrong, setWrong] = useState<string>();
  const [agreed, setAgreed] = useState(false);
  const secret = useRef<HTMLTextAreaElement>(null);
  const filePassword = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const chosen = useNewPassword();
  const isOpen = into === 'open';
  const replace = into === 'locked' || into === 'damaged';

  const bringIn = (): void => {
    const own = isOpen ? take(password) : chosen.take();
    setWrong(own === undefined ? t('wallet_password_differs') : undefined);
    if (own === undefined) return;
    // The secret stays in its field until it was taken: a slip in one of 24 words is mended, not typed anew. It goes with the view.
    const source = sourceOf(kind, secret.current?.value ?? '', take(filePassword));
    run(async () => {
      onStatus(await ask('wallet/import', { source, password: own, replace }));
      go('wallet');
    });
  };
  return (
    <View route="wallet/import" title={t('wallet_import_title')}>
      {isOpen ? <p>{t('wallet_import_into')}</p> : null}
      {replace ? <p class="advice">{t('wallet_import_replaces')}</p> : null}
      <Form
        {...{ label: t('wallet_import_done'), busy, error: wrong ?? wordsFor(error), onSubmit: bringIn }}
        blocked={replace && !agreed}
      >
        <fieldset>
          <legend>{t('wallet_import_kind')}</legend>
          {KINDS.map((each) => (
            <label key={each}>
              <input type="radio" name="kind" value={each} checked={kind === each} onChange={() => setKind(each)} />
              {t(KIND_NAMES[each])}
            </label>
          ))}
        </fieldset>
        <p class="field">
          <label for="secret">{t(FIELD_NAMES[kind])}</label>
          <textarea
            // Another field for each: what was typed for one must not stand in the other.
            key={kind}
            {...{ id: 'secret', ref: secret, rows: 3, autoComplete: 'off', autocapitalize: 'off', spellcheck: false }}
          />
        </p>
        {kind === 'keystore' ? (
          <>
            <KeystoreFile
              onText={(text) => secret.current !== null && (secret.current.value = text)}
              onWrong={setWrong}
            />
            <Field
              {...{ name: 'file-password', label: t('wallet_import_file_password') }}
              {...{ type: 'password', field: filePassword }}
            />
          </>
        ) : null}
        {isOpen ? (
          <Field {...{ name: 'password', label: t('wallet_password'), type: 'password', field: password }} />
        ) : (
          <NewPasswordFields {...chosen.fields} />
        )}
        {replace ? (
          <label>
            <input type="checkbox" name="agree" checked={agreed} onChange={() => setAgreed(!agreed)} />
            {t('wallet_import_agree')}
          </label>
        ) : null}
      </Form>
    </View>
  );
}

function sourceOf(kind: Kind, secret: string, password: string): ImportSource {
  if (kind === 'keystore') return { kind, json: secret, password };
  const text = secret.trim();
  return kind === 'words' ? { kind, words: text } : { kind, key: text };
}

type KeystoreFileProps = { onText: (text: string) => void; onWrong: (words: string | undefined) => void };

/** The browser's dialog can close a popup, so there is a way to do it in a tab. */
function KeystoreFile({ onText, onWrong }: KeystoreFileProps): JSX.Element {
  const isThere = useIsThere();
  const read = (file: File | undefined): void => {
    if (file === undefined) return;
    // One character more than is allowed: the worker says by name what is wrong with it.
    const text = file.slice(0, MAX_KEYSTORE_CHARACTERS + 1).text();
    text.then(
      (json) => {
        if (!isThere()) return;
        onWrong(undefined);
        onText(json);
      },
      () => isThere() && onWrong(t('wallet_import_unreadable')),
    );
  };
  return (
    <p class="field">
      <label for="file">{t('wallet_import_choose')}</label>
      <input
        id="file"
        type="file"
        accept=".json,application/json"
        onChange={(event) => read(event.currentTarget.files?.[0])}
      />
      <a class="note" href={`index.html${hashOf('wallet/import')}`} target="_blank" rel="noreferrer">
        {t('wallet_import_in_tab')}
      </a>
    </p>
  );
}
