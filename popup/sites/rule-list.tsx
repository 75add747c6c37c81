// The rules that there are, each to change or remove, and a search where there are more than one sees at once.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { SiteRule } from '../../src/core/routing/site-rule.ts';
import { t } from '../../src/text/translate.ts';
import { Field } from '../parts.tsx';
import { modeWords } from './mode-choice.tsx';
import { RuleExit, type RuleExitProps } from './rule-exit.tsx';

/** As many as a popup shows without much scrolling. */
const SEARCH_ABOVE = 10;

export type RuleListProps = {
  rules: readonly SiteRule[];
  exits: RuleExitProps['exits'];
  busy: boolean;
  onSet: (rule: SiteRule) => void;
  onRemove: (rule: SiteRule) => void;
};

export function RuleList({ rules, exits, busy, onSet, onRemove }: RuleListProps): JSX.Element {
  const [sought, setSought] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const shown = rules.filter(({ host }) => host.includes(sought.trim().toLowerCase()));
  if (rules.length === 0) return <p>{t('sites_none')}</p>;
  return (
    <section>
      <h2>{t('sites_count', { count: rules.length })}</h2>
      {rules.length > SEARCH_ABOVE || sought !== '' ? (
        <Field
          {...{ name: 'search', label: t('sites_search'), field, onInput: setSought }}
          note={t('sites_found', { count: shown.length })}
        />
      ) : null}
      <ul class="rows">
        {shown.map((rule) => (
          <li key={rule.host} data-site={rule.host}>
            <strong id={nameOf(rule)}>{rule.host}</strong>
            <span class="says">
              <span>{modeWords(rule.mode)}</span>
              <RuleExit {...{ rule, exits, busy, onSet }} />
            </span>
            <span class="ways">
              <RuleButton action="change" rule={rule} {...{ busy, onClick: () => onSet(turned(rule)) }} />
              <RuleButton action="remove" rule={rule} {...{ busy, onClick: () => onRemove(rule) }} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

type RuleButtonProps = { action: 'change' | 'remove'; rule: SiteRule; busy: boolean; onClick: () => void };

/** Which rule it is for a screen reader is told: there is one such button in each row. */
function RuleButton({ action, rule, busy, onClick }: RuleButtonProps): JSX.Element {
  const isChange = action === 'change';
  const words = isChange
    ? rule.mode === 'always'
      ? t('sites_make_never')
      : t('sites_make_always')
    : t('sites_remove');
  return (
    <button
      {...{ type: 'button', class: 'again', disabled: busy, onClick }}
      data-action={action}
      aria-describedby={nameOf(rule)}
    >
      {words}
    </button>
  );
}

const nameOf = ({ host }: SiteRule): string => `site-${host}`;

/** A country stays, but where the site is never private. */
function turned(rule: SiteRule): SiteRule {
  return rule.mode === 'always' ? { host: rule.host, mode: 'never' } : { ...rule, mode: 'always' };
}
