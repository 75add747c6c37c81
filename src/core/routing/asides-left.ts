// Rules that the person put aside in a tab, until the tab asks for a page of another host: known at once to whoever sees the requests, where the records of tabs take some milliseconds, in which
// the tab could come back. Pure. Used by src/platform/steering-firefox.ts.

import type { RoutingPolicy } from './policy.ts';
import { isForHost } from './site-rule.ts';

export type AsidesLeft = {
  /** The policy without what was left. A rule that is aside no more in a policy can be put aside anew. */
  apply: (policy: RoutingPolicy) => RoutingPolicy;
  /** The tab asks for a page of that host. True where it leaves something by that. */
  opens: (policy: RoutingPolicy, tab: number, host: string) => boolean;
};

export function createAsidesLeft(): AsidesLeft {
  /** Hosts of rules, by tab. */
  const left = new Map<number, string>();
  return {
    apply: (policy) => {
      const isAside = (tab: number, host: string): boolean =>
        policy.rulesAside.some((aside) => aside.tab === tab && aside.host === host);
      for (const [tab, host] of left) if (!isAside(tab, host)) left.delete(tab);
      if (left.size === 0) return policy;
      return { ...policy, rulesAside: policy.rulesAside.filter(({ tab, host }) => left.get(tab) !== host) };
    },
    opens: ({ rulesAside }, tab, host) => {
      const aside = rulesAside.find((each) => each.tab === tab);
      if (aside === undefined || isForHost(aside.host, host)) return false;
      left.set(tab, aside.host);
      return true;
    },
  };
}
