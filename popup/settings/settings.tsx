// The settings, and the ways to the views that hold the rest of what can be set.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { APPEARANCES, type Settings as Values } from '../../src/core/state/settings.ts';
import { LANGUAGES } from '../../src/core/text/languages.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';
import { Trouble, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { Choice, Tick, type Option } from './choice.tsx';
import { useSettings } from './use-settings.ts';
import { WindowsMode } from './windows-mode.tsx';

/** What can be chosen; another number of minutes that is set (by an import, say) is shown as it is. */
const LOCK_MINUTES = [1, 5, 15, 60, 240, 1440];

const APPEARANCE_WORDS = {
  auto: 'settings_appearance_auto',
  light: 'settings_appearance_light',
  dark: 'settings_appearance_dark',
} as const satisfies Record<Values['appearance'], MessageKey>;

export function Settings(): JSX.Element {
  const { settings, error, saved, change } = useSettings();
  return (
    <View route="settings" title={t('settings_title')}>
      {settings === undefined ? null : <Form settings={settings} change={change} />}
      <Trouble words={wordsFor(error)} />
      <p role="status">{saved ? t('settings_saved') : ''}</p>
      <Elsewhere />
    </View>
  );
}

function Form({ settings, change }: { settings: Values; change: (change: Partial<Values>) => void }): JSX.Element {
  const appearances: Option[] = APPEARANCES.map((value) => ({ value, words: t(APPEARANCE_WORDS[value]) }));
  const languages: Option[] = [
    { value: 'auto', words: t('settings_language_auto') },
    // Each by the name that its own speakers look for.
    ...LANGUAGES.map(({ tag, name }) => ({ value: tag, words: name, lang: tag })),
  ];
  return (
    <>
      <Choice
        {...{ name: 'appearance', label: t('settings_appearance'), value: settings.appearance, options: appearances }}
        onChange={(value) => change({ appearance: value as Values['appearance'] })}
      />
      <Choice
        {...{ name: 'language', label: t('settings_language'), value: settings.language, options: languages }}
        onChange={(language) => change({ language })}
      />
      <h2>{t('settings_private')}</h2>
      <Tick
        {...{ name: 'auto', label: t('settings_auto'), note: t('settings_auto_note'), on: settings.auto !== 'off' }}
        onChange={(on) => change({ auto: on ? 'new-tabs' : 'off' })}
      />
      <WindowsMode />
      <h2>{t('settings_notifications')}</h2>
      <NotificationsTick on={settings.notifications} onChange={(notifications) => change({ notifications })} />
      <h2>{t('options_view_wallet')}</h2>
      <Choice
        {...{ name: 'lock', label: t('settings_lock'), note: t('settings_lock_note') }}
        {...{ value: String(settings.lockAfter), options: lockOptions(settings.lockAfter) }}
        onChange={(value) => change({ lockAfter: value === 'browser-closes' ? value : Number(value) })}
      />
    </>
  );
}

/** On only where the browser lets them be shown, too: it is asked in the click. */
function NotificationsTick({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }): JSX.Element {
  const { host } = useShell();
  const { run } = useAction();
  const [may, setMay] = useState(false);
  useEffect(() => run(async () => setMay(await host.mayNotify())), []);
  const tick = (wanted: boolean): void =>
    run(async () => {
      const allowed = !wanted || may || (await host.askToNotify());
      if (wanted) setMay(allowed);
      if (allowed) onChange(wanted);
    });
  return (
    <Tick {...{ name: 'notifications', label: t('settings_notifications_label') }} on={on && may} onChange={tick} />
  );
}

function lockOptions(now: Values['lockAfter']): Option[] {
  const all = new Set([...LOCK_MINUTES, ...(now === 'browser-closes' ? [] : [now])]);
  const minutes = [...all].sort((one, other) => one - other);
  return [
    ...minutes.map((each) => ({ value: String(each), words: timeWords(each) })),
    { value: 'browser-closes', words: t('settings_lock_never') },
  ];
}

function timeWords(minutes: number): string {
  return minutes % 60 === 0
    ? t('settings_lock_hours', { count: minutes / 60 })
    : t('settings_lock_minutes', { count: minutes });
}

function Elsewhere(): JSX.Element {
  const { host } = useShell();
  return (
    <>
      <h2>{t('settings_elsewhere')}</h2>
      <p class="ways">
        <Way to="relays">{t('options_view_relays')}</Way>
        <Way to="relays/begin">{t('options_view_begin')}</Way>
        <Way to="wallet/limits">{t('options_view_limits')}</Way>
        <Way to="wallet/servers">{t('options_view_servers')}</Way>
      </p>
      <h2>{t('settings_more')}</h2>
      <p class="ways">
        <Way to="settings/shortcuts">{t('options_view_shortcuts')}</Way>
        <Way to="settings/stored">{t('options_view_stored')}</Way>
        <Way to="settings/log">{t('options_view_log')}</Way>
        <Way to="welcome">{t('options_view_welcome')}</Way>
        <a class="way" href="/pages/check/index.html" target="_blank" rel="noreferrer">
          {t('settings_check')}
        </a>
        <a class="way" href="/pages/help/index.html" target="_blank" rel="noreferrer">
          {t('home_help_pages')}
        </a>
      </p>
      <p class="note">{t('settings_version', { version: host.version })}</p>
    </>
  );
}
