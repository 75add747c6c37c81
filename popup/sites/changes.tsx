// What a file would change, before it does: how many, and each rule that would read otherwise than it does now.

import type { JSX } from 'preact';
import type { SiteRule } from '../../src/core/routing/site-rule.ts';
import type { Merge } from '../../src/core/state/site-rules.ts';
import { regionName } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';
import { Form } from '../parts.tsx';
import { modeWords } from './mode-choice.tsx';

export type ChangesProps = { plan: Merge; busy: boolean; error: string | undefined; onBringIn: () => void };

export function Changes({ plan, busy, error, onBringIn }: ChangesProps): JSX.Element {
  const { added, changed, same } = plan;
  const isNothing = added.length + changed.length === 0;
  return (
    <Form {...{ label: t('sites_file_bring_in'), busy, error, blocked: isNothing, onSubmit: onBringIn }}>
      <ul data-changes>
        <li>{t('sites_file_new', { count: added.length })}</li>
        <li>{t('sites_file_changed', { count: changed.length })}</li>
        <li>{t('sites_file_same', { count: same })}</li>
      </ul>
      <p>{isNothing ? t('sites_file_nothing') : t('sites_file_keeps')}</p>
      <Listed title={t('sites_file_changed_list')} rules={changed} />
      <Listed title={t('sites_file_new_list')} rules={added} />
    </Form>
  );
}

function Listed({ title, rules }: { title: string; rules: readonly SiteRule[] }): JSX.Element | null {
  if (rules.length === 0) return null;
  return (
    <details>
      <summary>{title}</summary>
      <ul>
        {rules.map(({ host, mode, exit }) => (
          <li key={host}>
            <strong>{host}</strong> <span>{modeWords(mode)}</span>{' '}
            {exit === undefined ? null : <span>{t('sites_exit_in', { region: regionName(exit) })}</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}
