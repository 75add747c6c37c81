// The rules that there are, each to change or remove, and a search where there are more than one sees at once.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { SiteRule } from '../../src/core/routing/site-rule.ts';
import { t } from '../../src/text/translate.ts';
import { Field } from '../parts.tsx';
import { modeWords } from './mode-choice.tsx';

/** As many as a popup shows without much scrolling. */
const SEARCH_ABOVE = 10;

export type RuleListProps = {
  rules: readonly SiteRule[];
  busy: boolean;
  onSet: (rule: SiteRule) => void;
  onRemove: (rule: SiteRule) => void;
};

export function RuleList({ rules, busy, onSet, onRemove }: RuleListProps): JSX.Element {
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
            <span>{modeWords(rule.mode)}</span>
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

function turned({ host, mode }: SiteRule): SiteRule {
  return { host, mode: mode === 'always' ? 'never' : 'always' };
}
