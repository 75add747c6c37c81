// The first view's line about the site of the tab: whether it is always private, and the way to all such sites. Its height is the same whatever is known.

import type { JSX } from 'preact';
import type { SiteRule } from '../../src/core/routing/site-rule.ts';
import type { PopupSnapshot } from '../../src/core/state/snapshot.ts';
import { t } from '../../src/text/translate.ts';
import { hashOf } from '../route.ts';

export type SiteLineProps = {
  /** Undefined: a page that can have no rule. */
  rule: PopupSnapshot['siteRule'] | 'unknown';
  /** `rule` undefined: none. */
  onSetRule: (host: string, rule: SiteRule | undefined) => void;
};

export function SiteLine({ rule, onSetRule }: SiteLineProps): JSX.Element {
  return (
    <section class="site-line">
      <Line {...{ rule, onSetRule }} />
      <a href={hashOf('sites')} data-action="sites">
        {t('sites_title')}
      </a>
    </section>
  );
}

function Line({ rule, onSetRule }: SiteLineProps): JSX.Element {
  if (rule === 'unknown') return <p />;
  if (rule === undefined) return <p>{t('sites_line_none')}</p>;
  if (rule === 'lost') return <p class="advice">{t('sites_lost')}</p>;
  return (
    <>
      <Rule {...rule} onSetRule={onSetRule} />
      <p class="note">{rule.isAside ? t('sites_line_aside') : ''}</p>
    </>
  );
}

type RuleProps = Exclude<SiteLineProps['rule'], 'lost' | 'unknown' | undefined> & Pick<SiteLineProps, 'onSetRule'>;

function Rule({ host, mode, exit, onSetRule }: RuleProps): JSX.Element {
  if (mode === 'never') {
    return (
      <>
        <p data-rule="never">{t('sites_line_never', { site: host })}</p>
        <button type="button" class="again" data-action="remove-rule" onClick={() => onSetRule(host, undefined)}>
          {t('sites_remove_rule')}
        </button>
      </>
    );
  }
  const country = exit === undefined ? undefined : { host, exit };
  const other: SiteRule | undefined =
    mode === 'always' ? country && { ...country, mode: 'exit' } : { host, ...country, mode: 'always' };
  return (
    <label>
      <input
        type="checkbox"
        name="always-private"
        checked={mode === 'always'}
        onChange={() => onSetRule(host, other)}
      />
      {t('sites_line_always', { site: host })}
    </label>
  );
}
