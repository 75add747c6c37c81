// The debug log, as it would be copied: what a person gives away they have seen.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { logText } from '../../src/core/state/debug-log.ts';
import { t } from '../../src/text/translate.ts';
import { Button, Trouble, View, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';

export function Log(): JSX.Element {
  const { ask, host } = useShell();
  const { busy, error, run } = useAction();
  const [text, setText] = useState<string>();
  const [copied, setCopied] = useState(false);
  useEffect(
    () =>
      run(async () => {
        const log = await ask('settings/log', {});
        setText(log.length === 0 ? '' : logText(log, host.version));
      }),
    [],
  );
  const copy = (): void =>
    run(async () => {
      await host.copy(text ?? '');
      setCopied(true);
    });
  return (
    <View route="settings/log" title={t('settings_log_title')}>
      <p>{t('settings_log_about')}</p>
      {text === '' ? <p>{t('settings_log_empty')}</p> : null}
      {text === undefined || text === '' ? null : (
        <>
          <pre class="log" tabIndex={0} aria-label={t('settings_log_text')} dir="ltr">
            {text}
          </pre>
          <p>
            <Button action="copy-log" busy={busy} onClick={copy}>
              {t('settings_log_copy')}
            </Button>
          </p>
        </>
      )}
      <Trouble words={wordsFor(error)} />
      <p role="status">{copied ? t('settings_log_copied') : ''}</p>
    </View>
  );
}
