// What is private as a whole: the browser's private windows when the person wants that, and containers that were made for a private tab.
// Opens tabs that are private before their first request. Called by background/app.ts.

import { containersCell, incognitoCell } from '../src/core/state/cells.ts';
import type { OpenTab, StrictJars } from '../src/core/state/derive-policy.ts';
import { MessageError } from '../src/messages/protocol.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock, Containers, Incognito } from '../src/ports/host.ts';
import type { Tabs } from '../src/ports/tabs.ts';

/** `url`: the first page. `beside`: the tab that it was asked for from. `container`: cookies of its own. */
export type OpenHow = { url: string | undefined; beside: number | undefined; container: boolean };

export type StrictJarsJob = {
  read: () => Promise<StrictJars>;
  /** Opens a blank tab and hands it to `begun`, which makes it private. Throws `MessageError`: `containers-off`. */
  open: (how: OpenHow, begun: (tab: OpenTab, url: string | undefined) => Promise<void>) => Promise<void>;
  /** Removes containers that have no tab. @param restoringUntil until when tabs may still come back, ms since the epoch */
  sweep: (restoringUntil: number) => Promise<void>;
};

export type StrictJarsDeps = { cells: Cells; tabs: Tabs; incognito: Incognito; containers: Containers; clock: Clock };

export function createStrictJars({ cells, tabs, incognito, containers, clock }: StrictJarsDeps): StrictJarsJob {
  /** Tabs that are being opened: their containers have none yet. */
  let opening = 0;

  const createContainer = async (): Promise<string> => {
    if (!containers.exist) throw new MessageError('containers-off');
    const container = await containers.create().catch((cause: unknown) => {
      throw new MessageError('containers-off', { cause });
    });
    await cells.update(containersCell, (known) => [...known, container]);
    return container;
  };

  return {
    read: async () => ({
      incognito: (await cells.read(incognitoCell)) && (await incognito.isAllowed()),
      containers: await cells.read(containersCell),
    }),

    open: async ({ url, beside, container }, begun) => {
      opening += 1;
      try {
        const own = container ? await createContainer() : undefined;
        await begun(await tabs.open({ beside, container: own }), url);
      } finally {
        opening -= 1;
      }
    },

    sweep: async (restoringUntil) => {
      const known = await cells.read(containersCell);
      // What is known by now and is not being opened has its tab in a list that is made later.
      if (known.length === 0 || opening > 0 || clock.now() < restoringUntil) return;
      const used = new Set((await tabs.list()).map((tab) => tab.container));
      const orphans = known.filter((container) => !used.has(container));
      for (const container of orphans) await containers.remove(container);
      if (orphans.length === 0) return;
      await cells.update(containersCell, (all) => all.filter((container) => !orphans.includes(container)));
    },
  };
}
