// Tells the person by the browser what they would not see otherwise: a private tab that lost its protection or waits for money while another tab is looked at.
// Built in background/app.ts.

import type { TabId } from '../src/core/routing/policy.ts';
import { noticedCell, settingsCell } from '../src/core/state/cells.ts';
import { stepNotices } from '../src/core/state/notices.ts';
import type { TabStatus } from '../src/core/state/tab-status.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Notices } from '../src/ports/host.ts';

export type NoticesJob = { follow: (statuses: ReadonlyMap<TabId, TabStatus>) => Promise<void> };

export function createNotices({ cells, notices }: { cells: Cells; notices: Notices }): NoticesJob {
  return {
    follow: async (statuses) => {
      const before = await cells.read(noticedCell);
      const { noticed, begun, ended } = stepNotices(before, statuses);
      if (begun.length === 0 && ended.length === 0) return;
      // Noted first: a worker that dies in between says it once too little, not again at each wake.
      await cells.update(noticedCell, () => noticed);
      await Promise.all(ended.map((kind) => notices.end(kind)));
      // Noted all the same: whoever turns them on again is not told of what is long known.
      if (!(await cells.read(settingsCell)).notifications) return;
      for (const { kind, tab } of begun) await notices.show(kind, tab);
    },
  };
}
