// Countries that rules for sites name, beside what the person chose for now: which of both holds for a site, and to where ways are to stand ready. A choice is later and more explicit than a rule, so it
// wins while it is remembered (exit-choice.ts). Pure; called by background/exit-wishes.ts, where the browser tells sites apart.

import type { SiteRule } from '../routing/policy.ts';
import type { ExitChoices, LastingChoice } from './exit-choice.ts';

/**
 * Countries to which a way is kept ready for sites that nobody has open, so that the first page of one is asked for there already. Each may take a circuit of its own, and the list of circuits has room
 * for two beside those that sites are spread over and their spares (circuit-state.ts).
 */
export const MAX_READY_COUNTRIES = 2;

/** What holds for each site: what was chosen, and else what its rule says. */
export function withRules(choices: ExitChoices, rules: readonly SiteRule[]): ExitChoices {
  const ruled = rules.flatMap(({ host, exit }): [string, LastingChoice][] =>
    exit === undefined || choices.aside.includes(host) ? [] : [[host, { kind: 'region', region: exit }]],
  );
  return ruled.length === 0 ? choices : { ...choices, sites: { ...Object.fromEntries(ruled), ...choices.sites } };
}

/**
 * The part of it for which a way is to stand: what was chosen, rules of sites that are open in private tabs, and as many other countries as are kept ready.
 * @param open sites
 */
export function neededNow(
  choices: ExitChoices,
  rules: readonly SiteRule[],
  open: readonly string[],
  countries = MAX_READY_COUNTRIES,
): ExitChoices {
  const named = rules.flatMap(({ host, exit }) => (exit === undefined ? [] : [{ host, exit }]));
  const ready = new Set(named.filter(({ host }) => open.includes(host)).map(({ exit }) => exit));
  for (const { exit } of named) if (ready.size < countries) ready.add(exit);
  return withRules(
    choices,
    named.filter(({ exit }) => ready.has(exit)).map(({ host, exit }) => ({ host, mode: 'exit', exit })),
  );
}

/** Sites whose rule names another country than before, or one for the first time. */
export function newlyWished(before: readonly SiteRule[], after: readonly SiteRule[]): string[] {
  const known = new Map(before.map(({ host, exit }) => [host, exit]));
  return after.filter(({ host, exit }) => exit !== undefined && known.get(host) !== exit).map(({ host }) => host);
}
