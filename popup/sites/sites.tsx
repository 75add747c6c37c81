// Sites that are always private, or never: the list, a field for one more, and ready-made lists. What is allowed is decided by the worker; what is typed is
// read by the same rules here first, so that what is wrong is said beside the field.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { SiteRule } from '../../src/core/routing/site-rule.ts';
import { t } from '../../src/text/translate.ts';
import { Trouble, Way, wordsFor } from '../parts.tsx';
import { AskedView } from '../relays/asked-view.tsx';
import { useAction, useShell } from '../shell.ts';
import { AddRule } from './add-rule.tsx';
import { Presets } from './presets.tsx';
import type { SitesProps } from './props.ts';
import { RuleList } from './rule-list.tsx';

export function Sites(): JSX.Element {
  return (
    <AskedView
      {...{ route: 'sites', title: t('sites_title'), question: 'sites/read' }}
      draw={(view, onView) => <Rules {...{ view, onView }} />}
    >
      <p>
        <Way to="sites/file">{t('sites_file_title')}</Way>
      </p>
    </AskedView>
  );
}

function Rules({ view, onView }: SitesProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const [said, setSaid] = useState('');
  const set = (rule: SiteRule): void =>
    run(async () => {
      onView(await ask('sites/set-rule', rule));
      setSaid(t('sites_saved', { site: rule.host }));
    });
  const remove = ({ host }: SiteRule): void =>
    run(async () => {
      onView(await ask('sites/remove', { host }));
      setSaid(t('sites_removed', { site: host }));
    });
  return (
    <>
      <p>{t('sites_about')}</p>
      {view.isLost ? (
        <p class="advice" role="alert">
          {t('sites_lost')}
        </p>
      ) : null}
      <AddRule {...{ view, onView }} />
      {view.exits === undefined ? <p class="note">{t('sites_exit_elsewhere')}</p> : null}
      <RuleList rules={view.rules} exits={view.exits} busy={busy} onSet={set} onRemove={remove} />
      <Trouble words={wordsFor(error)} />
      <p role="status">{said}</p>
      <Presets {...{ view, onView }} />
      <details>
        <summary>{t('sites_reach_title')}</summary>
        <p>{t('sites_reach')}</p>
        <p>{t('sites_reach_never')}</p>
        {view.exits === undefined ? null : <p>{t('sites_exit_about')}</p>}
        <p>{t('sites_kept')}</p>
      </details>
    </>
  );
}
