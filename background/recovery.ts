// Pages that were blocked without need are loaded again, once. Those that failed for the circuit's sake are held (holding.ts).
// "Private wins": a host that a private tab needs stops going direct for the normal ones (design §4). Called by background/app.ts.

import { parseHost } from '../src/core/routing/host.ts';
import { isDirectHost } from '../src/core/routing/direct-hosts.ts';
import type { RoutingPolicy } from '../src/core/routing/policy.ts';
import { webHost } from '../src/core/state/page.ts';
import { askReload, modeOf, noteHost } from '../src/core/state/tab-records.ts';
import type { NavigationEvent, TabEvents, Tabs } from '../src/ports/tabs.ts';
import type { PrivateTabs } from './private-tabs.ts';

export type Recovery = {
  committed: (event: NavigationEvent) => void;
  failed: (event: Parameters<TabEvents['failed']>[0]) => Promise<void>;
  subresourceBlocked: (event: Parameters<TabEvents['subresourceBlocked']>[0]) => Promise<void>;
};

export type RecoveryDeps = {
  privateTabs: PrivateTabs;
  tabs: Tabs;
  /** The policy in force. */
  policy: () => RoutingPolicy | undefined;
  reconcile: () => Promise<void>;
};

export function createRecovery({ privateTabs, tabs, policy, reconcile }: RecoveryDeps): Recovery {
  /** What was loaded again last in a tab: once is enough. */
  const retried = new Map<number, string>();

  const loadAgain = async (tab: number, url: string): Promise<void> => {
    if (retried.get(tab) === url) return;
    retried.set(tab, url);
    await reconcile();
    await tabs.load(tab, url);
  };

  return {
    committed: ({ tab, url, isMain }) => {
      if (isMain && retried.get(tab) !== url) retried.delete(tab);
    },

    failed: async ({ tab, url, isMain, cause }) => {
      if (!isMain || policy()?.active !== true || webHost(url) === undefined) return;
      // Nobody claimed it as private until it failed: a tab that the person opened.
      if (cause !== 'other' && cause !== 'aborted' && modeOf(await privateTabs.read(), tab) === 'unknown')
        await privateTabs.unclaimed(tab);
      const mode = modeOf(await privateTabs.read(), tab);
      if (mode === 'private') {
        // A host that was in the way has been taken out of it when the navigation began.
        if (cause === 'blocked') await loadAgain(tab, url);
        return;
      }
      // The site's own trouble, or a load that the person gave up.
      if (cause === 'other' || cause === 'aborted') return;
      // On a host that did not go direct yet, and does now.
      await loadAgain(tab, url);
    },

    subresourceBlocked: async ({ tab, url }) => {
      const host = webHost(url);
      const current = policy();
      if (host === undefined || current?.active !== true) return;
      const record = (await privateTabs.read()).tabs[tab];
      if (record?.mode !== 'private' || record.hosts.includes(host)) return;
      // Blocked by somebody else, an ad blocker for instance: none of our business.
      const parsed = parseHost(host);
      if (parsed === undefined || !isDirectHost(current, parsed)) return;
      await privateTabs.change((value) => askReload(noteHost(value, tab, host), tab));
    },
  };
}
