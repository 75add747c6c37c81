// Everything that is stored: what it is, where, and how large. Made of THE TABLE, so that nothing can be left out.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { StoredItem } from '../../src/core/state/stored-list.ts';
import { numberOf } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';
import { Trouble, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';

export function Stored(): JSX.Element {
  const { ask } = useShell();
  const { error, run } = useAction();
  const [items, setItems] = useState<readonly StoredItem[]>();
  useEffect(() => run(async () => setItems(await ask('settings/stored', {}))), []);
  return (
    <View route="settings/stored" title={t('settings_stored_title')}>
      <p>{t('settings_stored_about')}</p>
      <Trouble words={wordsFor(error)} />
      {items === undefined ? null : (
        <>
          <Area title={t('settings_stored_local')} items={items.filter(({ area }) => area === 'local')} />
          <Area title={t('settings_stored_session')} items={items.filter(({ area }) => area === 'session')} />
          <p class="note">{t('settings_stored_device_key')}</p>
        </>
      )}
      <p class="ways main">
        <Way to="settings/wipe">{t('settings_stored_wipe')}</Way>
      </p>
    </View>
  );
}

function Area({ title, items }: { title: string; items: readonly StoredItem[] }): JSX.Element {
  const full = items.filter(({ bytes }) => bytes > 0);
  const empty = items.length - full.length;
  return (
    <section>
      <h2>{title}</h2>
      <ul class="rows">
        {full.map(({ key, about, bytes, secret }) => (
          <li key={key} data-cell={key}>
            <span>{t(about)}</span>
            <span class="note">
              {size(bytes)}
              {secret ? <em class="secret">{t('settings_stored_secret')}</em> : null}
            </span>
          </li>
        ))}
      </ul>
      {empty === 0 ? null : <p class="note">{t('settings_stored_empty', { count: empty })}</p>}
    </section>
  );
}

function size(bytes: number): string {
  const isLarge = bytes >= 1000;
  const unit = { style: 'unit', unit: isLarge ? 'kilobyte' : 'byte', maximumFractionDigits: 1 } as const;
  return numberOf(isLarge ? bytes / 1000 : bytes, unit);
}
