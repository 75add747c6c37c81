// What each event of a tab changes in what is stored, and in which way it is worked off. Built in background/app.ts.

import { replaceTab } from '../src/core/state/tab-records.ts';
import type { TabEvents } from '../src/ports/tabs.ts';
import type { Holding } from './holding.ts';
import type { PrivateTabs } from './private-tabs.ts';
import type { Recovery } from './recovery.ts';
import type { SiteHelp } from './site-help.ts';

export type TabEventsDeps = {
  /** An event that changes what is stored, worked off in its turn. */
  take: (job: () => Promise<void>) => void;
  /** The same for one that matters only while something is private. */
  takeIfSteering: (job: () => Promise<void>) => void;
  /** What takes long, and must not hold up the events after it. */
  follow: (job: () => Promise<void>) => void;
  privateTabs: PrivateTabs;
  holding: Holding;
  recovery: Recovery;
  siteHelp: Pick<SiteHelp, 'forget'>;
  /** The tab has another page, and nothing of what was drawn for the one before. */
  forgetDrawn: (tab: number) => void;
};

export function createTabEvents(deps: TabEventsDeps): TabEvents {
  const { take, takeIfSteering, follow, privateTabs, holding, recovery, siteHelp, forgetDrawn } = deps;
  return {
    created: (tab) => take(() => privateTabs.created(tab)),
    openedBy: (tab, source) => takeIfSteering(() => privateTabs.openedBy(tab, source)),
    removed: (tab) =>
      take(async () => {
        await privateTabs.removed(tab);
        await holding.removed(tab);
        await siteHelp.forget(tab);
      }),
    replaced: (removed, added) => take(() => privateTabs.change((value) => replaceTab(value, removed, added))),
    navigating: (event) => {
      const hold = holding.navigating(event);
      takeIfSteering(async () => {
        await privateTabs.navigating(event);
        await hold();
      });
    },
    sending: holding.sending,
    committed: (event) => {
      const release = holding.committed(event);
      takeIfSteering(async () => {
        if (event.isMain) forgetDrawn(event.tab);
        recovery.committed(event);
        await privateTabs.committed(event);
        await release();
      });
    },
    failed: (event) =>
      follow(async () => {
        if (event.isMain) forgetDrawn(event.tab);
        await privateTabs.failed(event);
        await recovery.failed(event);
      }),
    requestFailed: (event) => follow(holding.failed(event)),
    subresourceBlocked: (event) => follow(() => recovery.subresourceBlocked(event)),
  };
}
