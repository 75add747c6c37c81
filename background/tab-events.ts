// What each event of a tab changes in what is stored, and in which way it is worked off. Built in background/app.ts.

import { siteOfHost } from '../src/core/routing/site-of-host.ts';
import { webHost } from '../src/core/state/page.ts';
import { replaceTab } from '../src/core/state/tab-records.ts';
import type { TabEvents } from '../src/ports/tabs.ts';
import type { Holding } from './holding.ts';
import type { PrivateTabs } from './private-tabs.ts';
import type { Recovery } from './recovery.ts';
import type { SiteHelp } from './site-help.ts';
import type { SiteRulesJob } from './site-rules.ts';

export type TabEventsDeps = {
  /** An event that changes what is stored, worked off in its turn. */
  take: (job: () => Promise<void>) => void;
  /** The same for one that matters only while something is private. */
  takeIfSteering: (job: () => Promise<void>) => void;
  /** The same for one that says whether it changed anything. */
  look: (job: () => Promise<boolean>) => void;
  /** What takes long, and must not hold up the events after it. */
  follow: (job: () => Promise<void>) => void;
  privateTabs: PrivateTabs;
  holding: Holding;
  recovery: Recovery;
  siteHelp: Pick<SiteHelp, 'forget'>;
  siteRules: Pick<SiteRulesJob, 'opening' | 'stopped'>;
  /** The tab has another page, and nothing of what was drawn for the one before. */
  forgetDrawn: (tab: number) => void;
  /** Whoever has to know of a page before the events of its tab are worked off. */
  asked: (tab: number, site: string) => void;
};

export function createTabEvents(deps: TabEventsDeps): TabEvents {
  const {
    take,
    takeIfSteering,
    look,
    follow,
    privateTabs,
    holding,
    recovery,
    siteHelp,
    siteRules,
    forgetDrawn,
    asked,
  } = deps;
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
      if (event.isMain) look(() => siteRules.opening(event));
      takeIfSteering(async () => {
        await privateTabs.navigating(event);
        await hold();
      });
    },
    sending: holding.sending,
    requesting: (event) => {
      const host = webHost(event.url);
      if (host !== undefined) asked(event.tab, siteOfHost(host));
      look(() => siteRules.opening(event));
    },
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
        if (!(await siteRules.stopped(event))) await recovery.failed(event);
      }),
    requestFailed: (event) => follow(holding.failed(event)),
    subresourceBlocked: (event) => follow(() => recovery.subresourceBlocked(event)),
  };
}
