// The country of one rule: to be set where it has an effect, shown where it has none, and for a part of a site said to be the site's.

import type { JSX } from 'preact';
import { siteOfHost } from '../../src/core/routing/site-of-host.ts';
import type { SiteRule } from '../../src/core/routing/site-rule.ts';
import { isWholeSite } from '../../src/core/state/site-rules.ts';
import { regionName } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';
import { CountrySelect } from './country-select.tsx';

export type RuleExitProps = {
  rule: SiteRule;
  /** Countries that exits are known in; undefined where the browser does not tell sites apart. */
  exits: readonly string[] | undefined;
  busy: boolean;
  onSet: (rule: SiteRule) => void;
};

export function RuleExit({ rule, exits, busy, onSet }: RuleExitProps): JSX.Element | null {
  const { host, mode, exit } = rule;
  if (mode === 'never') return null;
  if (exits === undefined) {
    return exit === undefined ? null : <span class="note">{t('sites_exit_in', { region: regionName(exit) })}</span>;
  }
  if (!isWholeSite(host)) return <span class="note">{t('sites_exit_part', { site: siteOfHost(host) })}</span>;
  return (
    <CountrySelect
      {...{ exit, known: exits, isFree: mode !== 'exit', disabled: busy }}
      aria-label={t('sites_exit_of', { site: host })}
      onExit={(chosen) => onSet({ host, mode, ...(chosen !== undefined && { exit: chosen }) })}
    />
  );
}
