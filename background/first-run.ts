// Shows the page of the first run: once, when the extension is new, or was made as new by a wipe. Built in background/app.ts.

import { firstRunCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { FirstRunPage } from '../src/ports/host.ts';

export type FirstRun = {
  /** The browser says that it has just been installed. */
  installed: () => Promise<void>;
  /** The worker has started. */
  begin: () => Promise<void>;
};

export function createFirstRun({ cells, page }: { cells: Cells; page: FirstRunPage }): FirstRun {
  const show = async (): Promise<void> => {
    // Noted first: rather never than with each start of a worker that cannot write.
    await cells.update(firstRunCell, () => 'shown');
    await page.open();
  };
  return {
    installed: async () => {
      if ((await cells.read(firstRunCell)) === 'never') await show();
    },
    begin: async () => {
      if ((await cells.read(firstRunCell)) === 'due') await show();
    },
  };
}
