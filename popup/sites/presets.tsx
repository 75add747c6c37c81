// Ready-made lists of sites that are always private (presets.json says why these): shown whole before they are added, and never in the place of a rule that is there.

import type { JSX } from 'preact';
import { t } from '../../src/text/translate.ts';
import { Trouble, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import file from './presets.json';
import type { SitesProps } from './props.ts';

export function Presets({ view, onView }: SitesProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const isKnown = (host: string): boolean => view.rules.some((rule) => rule.host === host);
  const add = (hosts: readonly string[]): void => {
    const rules = hosts.filter((host) => !isKnown(host)).map((host) => ({ host, mode: 'always' as const }));
    run(async () => onView(await ask('sites/import', { rules })));
  };
  return (
    <details>
      <summary>{t('sites_presets')}</summary>
      {file.presets.map(({ name, hosts }) => (
        <section key={name}>
          <h2>{name === 'search' ? t('sites_preset_search') : t('sites_preset_mail')}</h2>
          <ul>
            {hosts.map((host) => (
              <li key={host}>{host}</li>
            ))}
          </ul>
          <button
            type="button"
            class="again"
            data-action={`preset-${name}`}
            disabled={busy || hosts.every(isKnown)}
            onClick={() => add(hosts)}
          >
            {name === 'search' ? t('sites_preset_search_add') : t('sites_preset_mail_add')}
          </button>
        </section>
      ))}
      <Trouble words={wordsFor(error)} />
    </details>
  );
}
