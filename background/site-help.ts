// When a site makes trouble for a private tab: it turned the exit away several times, or does not answer. The popup offers what helps then
// (popup/home/site-help.tsx). Built in background/app.ts.

import { siteOfHost } from '../src/core/routing/site-of-host.ts';
import { siteTroublesCell } from '../src/core/state/cells.ts';
import { forgetTab, noteAnswer, refusalsOf, SLOW_MS, type SiteTrouble } from '../src/core/state/site-trouble.ts';
import { modeOf, type TabRecords } from '../src/core/state/tab-records.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock } from '../src/ports/host.ts';

export type SiteHelp = {
  /** A page is asked for. Kept by this worker alone: with the next one a page is slow that has been so for as long again. */
  asked: (tab: number, at: number) => void;
  answered: (tab: number, host: string, refused: boolean) => Promise<void>;
  failed: (tab: number) => void;
  /** The tab is gone, or goes by another exit. */
  forget: (tab: number) => Promise<void>;
  /** What there is to help with, for a tab and the host that it is on. */
  read: () => Promise<(tab: number, host: string | undefined) => SiteTrouble | undefined>;
};

type Deps = { cells: Cells; clock: Clock; records: () => Promise<TabRecords> };

export function createSiteHelp({ cells, clock, records }: Deps): SiteHelp {
  const waiting = new Map<number, number>();
  return {
    asked: (tab, at) => void waiting.set(tab, at),
    answered: async (tab, host, refused) => {
      waiting.delete(tab);
      const isPrivate = modeOf(await records(), tab) === 'private';
      // Most answers change nothing, and writing costs.
      const before = await cells.read(siteTroublesCell);
      if (!(isPrivate && refused) && before[tab] === undefined) return;
      await cells.update(siteTroublesCell, (state) =>
        isPrivate ? noteAnswer(state, tab, siteOfHost(host), refused) : forgetTab(state, tab),
      );
    },
    failed: (tab) => void waiting.delete(tab),
    forget: async (tab) => {
      waiting.delete(tab);
      if ((await cells.read(siteTroublesCell))[tab] === undefined) return;
      await cells.update(siteTroublesCell, (state) => forgetTab(state, tab));
    },
    read: async () => {
      const troubles = await cells.read(siteTroublesCell);
      const now = clock.now();
      return (tab, host) => {
        const times = refusalsOf(troubles, tab, host === undefined ? undefined : siteOfHost(host));
        if (times !== undefined) return { is: 'refused', times };
        const since = waiting.get(tab);
        return since !== undefined && now - since >= SLOW_MS ? { is: 'slow' } : undefined;
      };
    },
  };
}
