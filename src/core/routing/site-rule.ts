// What the person said of a site, as routing reads it: the most specific rule for a host, and whether the page that a tab is about to load may be
// loaded in that tab at all. Pure. The list itself is kept and changed by src/core/state/site-rules.ts.

import { isWithin, parseHost, type Host } from './host.ts';
import type { RouteRequest, RoutingPolicy, SiteMode, SiteRule } from './policy.ts';

export type { RuleAside, SiteMode, SiteRule } from './policy.ts';

export const SITE_MODES = ['always', 'never', 'exit'] as const satisfies readonly SiteMode[];

/** The rule with the longest name among those that are for the host. A final dot makes no difference: it is the same site. */
export function ruleOf(rules: readonly SiteRule[], host: string | undefined): SiteRule | undefined {
  const parsed = host === undefined ? undefined : parseHost(host);
  if (parsed === undefined) return undefined;
  const fitting = rules.filter((rule) => isFor(rule, parsed));
  return fitting.reduce<SiteRule | undefined>(
    (best, rule) => (best === undefined || rule.host.length > best.host.length ? rule : best),
    undefined,
  );
}

/** Whether a rule for `ruleHost` is for the host too. */
export function isForHost(ruleHost: string, host: string | undefined): boolean {
  const parsed = host === undefined ? undefined : parseHost(host);
  return parsed !== undefined && isFor({ host: ruleHost }, parsed);
}

/**
 * What a rule says against this request: `always`, a page of that site is to be loaded in a tab that is not private; `never`, in one that is. Undefined for
 * everything but the page of a tab (and connections ahead of one), and where there is no rule or the person put it aside.
 */
export function siteVerdict(policy: RoutingPolicy, { host, from }: RouteRequest): 'always' | 'never' | undefined {
  if (policy.siteRules.length === 0 || !('opensPage' in from) || !from.opensPage) return undefined;
  const rule = ruleOf(policy.siteRules, host);
  if (rule === undefined || rule.mode === 'exit') return undefined;
  if (from.by !== 'tab') return rule.mode === 'always' ? 'always' : undefined;
  if (policy.rulesAside.some(({ tab, host: aside }) => tab === from.tab && aside === rule.host)) return undefined;
  const isPrivate = policy.privateTabs.includes(from.tab);
  return isPrivate === (rule.mode === 'never') ? rule.mode : undefined;
}

function isFor({ host }: Pick<SiteRule, 'host'>, other: Host): boolean {
  const own = parseHost(host);
  return own !== undefined && isWithin(other, own);
}
