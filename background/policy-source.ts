// What the stored state and the open tabs come to, as a policy. background/app.ts puts it into force; a request that wakes Firefox's
// background is answered by it before that has been done.

import {
  askedHostsCell,
  circuitCell,
  circuitPastCell,
  privateAtLastCell,
  relaysCell,
  settingsCell,
  siteExitsCell,
  tabsCell,
  toleratedCell,
} from '../src/core/state/cells.ts';
import type { SiteRule } from '../src/core/routing/site-rule.ts';
import type { CircuitState } from '../src/core/circuit/circuit-state.ts';
import type { RoutingPolicy } from '../src/core/routing/policy.ts';
import { derivePolicy, type OpenTab, type StrictJars } from '../src/core/state/derive-policy.ts';
import type { TabRecords } from '../src/core/state/tab-records.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock } from '../src/ports/host.ts';
import type { Tabs } from '../src/ports/tabs.ts';

export type Derived = { records: TabRecords; circuit: CircuitState; policy: RoutingPolicy };

export type PolicySource = {
  derive: (open: readonly OpenTab[], strict: StrictJars) => Promise<Derived>;
  /**
   * The policy of a session that this worker takes up, from what was stored before and nothing else: no event is waited for, and a tab
   * that nobody noted down is unknown, hence private. Undefined where there is no such session, or nothing of it was private.
   */
  restored: () => Promise<RoutingPolicy | undefined>;
};

export type PolicySourceDeps = {
  cells: Cells;
  tabs: Tabs;
  clock: Clock;
  records: () => Promise<TabRecords>;
  strict: () => Promise<StrictJars>;
  siteRules: () => Promise<readonly SiteRule[]>;
  directUntil: () => number;
};

export function createPolicySource(deps: PolicySourceDeps): PolicySource {
  const { cells, tabs, clock } = deps;

  const derive = async (open: readonly OpenTab[], strict: StrictJars): Promise<Derived> => {
    const now = clock.now();
    const [records, circuit, { identity }, sites, relays, tolerated, asked, siteRules, settings] = await Promise.all([
      deps.records(),
      cells.read(circuitCell),
      cells.read(circuitPastCell),
      cells.read(siteExitsCell),
      cells.read(relaysCell),
      cells.read(toleratedCell),
      cells.read(askedHostsCell),
      deps.siteRules(),
      cells.read(settingsCell),
    ]);
    const auto = settings.auto === 'new-tabs';
    const facts = {
      records,
      auto,
      open,
      strict,
      circuit,
      identity,
      sites,
      tolerated,
      asked,
      siteRules,
      relays: relays ?? [],
      now,
    };
    return { records, circuit, policy: derivePolicy({ ...facts, directUntil: deps.directUntil() }) };
  };

  return {
    derive,
    restored: async () => {
      const [records, wasPrivate, open, strict] = await Promise.all([
        cells.read(tabsCell),
        cells.read(privateAtLastCell),
        tabs.list(),
        deps.strict(),
      ]);
      if (records === undefined || records === 'lost' || !wasPrivate) return undefined;
      return (await derive(open, strict)).policy;
    },
  };
}
