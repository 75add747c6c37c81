// The keyboard shortcuts, as the browser gave them, and the way to where they are changed.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Shortcut } from '../../src/platform/page-host.ts';
import { t } from '../../src/text/translate.ts';
import { Button, Trouble, View, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';

export function Shortcuts(): JSX.Element {
  const { host } = useShell();
  const { busy, error, run } = useAction();
  const [all, setAll] = useState<readonly Shortcut[]>();
  useEffect(() => run(async () => setAll(await host.shortcuts())), []);
  return (
    <View route="settings/shortcuts" title={t('settings_shortcuts_title')}>
      <dl>
        {(all ?? []).map(({ what, keys }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{keys === '' ? t('settings_shortcuts_none') : <kbd>{keys}</kbd>}</dd>
          </div>
        ))}
      </dl>
      <p>{t('settings_shortcuts_about')}</p>
      <p>
        <Button action="change-shortcuts" busy={busy} onClick={() => run(() => host.openShortcuts())}>
          {t('settings_shortcuts_change')}
        </Button>
      </p>
      <Trouble words={wordsFor(error)} />
    </View>
  );
}
