// What is stored, and how all of it is wiped: private tabs are closed first, everything stays steered until their last requests are over, and only then the
// extension forgets and starts again as new (docs/decisions/0052). Built in background/app.ts.

import {
  containersCell,
  firstRunCell,
  incognitoCell,
  settingsCell,
  tabsCell,
  wipeCell,
} from '../src/core/state/cells.ts';
import type { Cell } from '../src/core/state/cell.ts';
import { STORED, WALLET_CELLS, type StoredItem } from '../src/core/state/stored-list.ts';
import { tabsInMode } from '../src/core/state/tab-records.ts';
import type { Settings } from '../src/core/state/settings.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { DeviceSeal } from '../src/ports/keyring.ts';
import type { Containers } from '../src/ports/host.ts';
import type { Tabs } from '../src/ports/tabs.ts';
import type { PrivateTabs } from './private-tabs.ts';
import type { Queue } from './queue.ts';

export type Stored = {
  list: () => Promise<StoredItem[]>;
  /** Begins it, and resolves when that is stored. @param wallet the wallet too, with whatever money only it can reach */
  wipe: (wallet: boolean) => Promise<void>;
  /** Steering has ended: wipes what was asked for. True: it was, and the extension has to start again. */
  finish: () => Promise<boolean>;
};

export type StoredDeps = {
  cells: Cells;
  tabs: Tabs;
  containers: Containers;
  seal: DeviceSeal;
  privateTabs: PrivateTabs;
  enqueue: Queue;
  reconcile: () => Promise<void>;
};

export function createStored(deps: StoredDeps): Stored {
  const { cells, tabs, privateTabs } = deps;
  return {
    list: () =>
      Promise.all(
        STORED.map(async ({ cell, about }) => {
          const { key, area, secret } = cell;
          return { key, about, area, secret, bytes: await cells.size(cell) };
        }),
      ),

    wipe: async (wallet) => {
      await deps.enqueue(async () => {
        // What would go on being private, and be in the way of the end.
        await cells.update(settingsCell, (before): Settings => ({ ...before, auto: 'off' }));
        await cells.update(incognitoCell, () => false);
        // A second one may take more, and never less.
        await cells.update(wipeCell, (before) => (wallet || before === 'all' ? 'all' : 'but-wallet'));
      });
      // Closed, not made normal: that would load each of them again past the circuit.
      for (const tab of tabsInMode(await privateTabs.read(), 'private')) await tabs.close(tab);
      await deps.reconcile();
    },

    finish: async () => {
      const wanted = await cells.read(wipeCell);
      if (wanted === 'none') return false;
      for (const container of await cells.read(containersCell)) await deps.containers.remove(container);
      const kept = wanted === 'all' ? [] : WALLET_CELLS;
      const gone = STORED.map(({ cell }) => cell).filter((cell) => !kept.includes(cell) && !isLast(cell));
      await cells.forget(gone);
      if (wanted === 'all') await deps.seal.forget();
      await cells.update(firstRunCell, () => 'due');
      // The last of it: a worker that dies before begins again.
      await cells.forget([wipeCell, tabsCell] as Cell<unknown>[]);
      return true;
    },
  };
}

function isLast({ key }: Cell<unknown>): boolean {
  return key === wipeCell.key || key === tabsCell.key;
}
