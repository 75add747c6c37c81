// The person's rules for sites as blocking rules of Chrome, where the PAC sees no tab. They stand whether anything is steered or not, and those that
// close are dynamic, so that they hold from the first page of a browser's start on, the worker alive or not.
// `always`: a page of the site is closed to every tab, and open again to private ones. `never`: it is closed to private ones.

import type { BlockingRule, BlockingRules } from './blocking-rule.ts';
import { isWithin, parseHost } from './host.ts';
import type { RoutingPolicy } from './policy.ts';
import type { SiteMode, SiteRule } from './site-rule.ts';

/** What a tab shows; its parts are not asked about. */
export const PAGE_TYPE = 'main_frame';
const resourceTypes = [PAGE_TYPE];

/**
 * Around those of blocking-rules.ts. `allowPrivate` goes over `close` and under everything that is closed to private tabs for other reasons: what goes direct for normal
 * tabs stays closed to them. `closeRooted` goes over what normal tabs are allowed: no domain of a rule matches a name with a final dot.
 */
const PRIORITY = { close: 1, allowPrivate: 2, closeNever: 3, allowNormal: 10, closeRooted: 12 } as const;

/** Ids count up from these, in the order of the hosts; there are at most 500 rules of each kind (src/core/state/site-rules.ts). */
const ID = { close: 10_000, rooted: 11_000, allowPrivate: 12_000, nested: 13_000, aside: 20_000, never: 30_000 };
const LAST_DYNAMIC = ID.allowPrivate - 1;
/** More than one browser has tabs in which a rule is aside. */
const LAST = 99_999;

/** Whether a rule of that id is one of these. */
export function isSiteRuleId(id: number): boolean {
  return ID.close <= id && id <= LAST;
}

/** Whether it is one of those that outlive the browser. */
export function isAlwaysSiteRule(id: number): boolean {
  return ID.close <= id && id <= LAST_DYNAMIC;
}

export function siteBlocking(policy: RoutingPolicy): BlockingRules {
  const { siteRules } = policy;
  if (siteRules.length === 0) return { dynamic: [], session: [] };
  const always = siteRules.filter(({ mode }) => mode === 'always');
  const closed = grouped(always, siteRules).map((condition, at) =>
    rule(ID.close + at, 'block', PRIORITY.close, condition),
  );
  const rooted = always
    .filter(({ host }) => parseHost(host)?.kind === 'name')
    .map(({ host }, at) => rule(ID.rooted + at, 'block', PRIORITY.closeRooted, { urlFilter: `||${host}.^` }));
  return { dynamic: [...closed, ...rooted], session: openings(policy, always) };
}

function openings(policy: RoutingPolicy, always: readonly SiteRule[]): BlockingRule[] {
  const { siteRules, privateTabs, rulesAside } = policy;
  const tabIds = [...privateTabs];
  const normalTabs = policy.normalTabs.filter((tab) => !privateTabs.includes(tab));
  const asides = rulesAside.filter(
    ({ tab, host }) => !privateTabs.includes(tab) && always.some((each) => each.host === host),
  );
  // A site that is never private, below one that always is.
  const nested = siteRules.filter(
    (each) => each.mode === 'never' && always.some(({ host }) => isBelow(each.host, host)),
  );
  return [
    ...(tabIds.length > 0 && always.length > 0
      ? [rule(ID.allowPrivate, 'allow', PRIORITY.allowPrivate, { tabIds, requestDomains: hostsOf(always) })]
      : []),
    ...asides.map(({ tab, host }, at) =>
      rule(ID.aside + at, 'allow', PRIORITY.allowNormal, { tabIds: [tab], ...domains(host, 'always', siteRules) }),
    ),
    ...(normalTabs.length > 0
      ? nested.map(({ host }, at) =>
          rule(ID.nested + at, 'allow', PRIORITY.allowNormal, {
            tabIds: normalTabs,
            ...domains(host, 'always', siteRules),
          }),
        )
      : []),
    ...neverRules(policy),
  ];
}

/** Not in private windows that are private as a whole: there the person asked for nothing else. */
function neverRules({ siteRules, privateTabs, incognitoTabs, rulesAside }: RoutingPolicy): BlockingRule[] {
  const never = siteRules.filter(({ mode }) => mode === 'never');
  const tabs = privateTabs.filter((tab) => !incognitoTabs.includes(tab));
  const asides = rulesAside.filter(({ tab, host }) => tabs.includes(tab) && never.some((each) => each.host === host));
  const others = tabs.filter((tab) => !asides.some((aside) => aside.tab === tab));
  const ofOthers = grouped(never, siteRules).map((condition) => ({ ...condition, tabIds: others }));
  // A rule above the one that is aside does not take its place.
  const ofAsides = asides.flatMap(({ tab, host }) => {
    const rules = never.filter((each) => each.host !== host);
    const all = [...siteRules.filter((each) => each.host !== host), { host, mode: 'always' } as const];
    return grouped(rules, all).map((condition) => ({ ...condition, tabIds: [tab] }));
  });
  return [...ofOthers, ...ofAsides]
    .filter(({ tabIds }) => tabIds.length > 0)
    .map((condition, at) => rule(ID.never + at, 'block', PRIORITY.closeNever, condition));
}

type Domains = Pick<BlockingRule['condition'], 'requestDomains' | 'excludedRequestDomains'>;

/** One condition for all hosts that have no rule of the other kind below them, and one for each that has. */
function grouped(rules: readonly SiteRule[], all: readonly SiteRule[]): Domains[] {
  const conditions = rules.map(({ host, mode }) => domains(host, mode === 'always' ? 'never' : 'always', all));
  const plain = conditions.filter(({ excludedRequestDomains }) => excludedRequestDomains === undefined);
  const own = conditions.filter(({ excludedRequestDomains }) => excludedRequestDomains !== undefined);
  return plain.length === 0
    ? own
    : [{ requestDomains: plain.flatMap(({ requestDomains }) => requestDomains ?? []) }, ...own];
}

/** A host without what the other kind of rule takes out of it. */
function domains(host: string, other: SiteMode, all: readonly SiteRule[]): Domains {
  const below = hostsOf(all.filter((each) => each.mode === other && isBelow(each.host, host)));
  return below.length === 0 ? { requestDomains: [host] } : { requestDomains: [host], excludedRequestDomains: below };
}

function isBelow(host: string, above: string): boolean {
  const [own, other] = [parseHost(host), parseHost(above)];
  return own !== undefined && other !== undefined && own.name !== other.name && isWithin(own, other);
}

function hostsOf(rules: readonly SiteRule[]): string[] {
  return rules.map(({ host }) => host);
}

function rule(
  id: number,
  type: 'block' | 'allow',
  priority: number,
  condition: Omit<BlockingRule['condition'], 'resourceTypes'>,
): BlockingRule {
  return { id, priority, action: { type }, condition: { ...condition, resourceTypes } };
}
