// What happens in the worker when the person changes a setting. Who only reads one reads the cell. Built in background/app.ts.

import { settingsCell } from '../src/core/state/cells.ts';
import type { Settings } from '../src/core/state/settings.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Queue } from './queue.ts';

export type SettingsJob = {
  read: () => Promise<Settings>;
  /** What is left out stays. Resolves when it is in force. */
  set: (change: Partial<Settings>) => Promise<Settings>;
};

export type SettingsDeps = {
  cells: Cells;
  enqueue: Queue;
  /** Notes the tabs that are open now, before new ones are private by themselves. */
  noteOpen: () => Promise<void>;
  lockIfIdle: () => Promise<void>;
  reconcile: () => Promise<void>;
};

export function createSettingsJob({ cells, enqueue, noteOpen, lockIfIdle, reconcile }: SettingsDeps): SettingsJob {
  return {
    read: () => cells.read(settingsCell),
    set: async (change) => {
      const after = await enqueue(async () => {
        // First: a worker that dies in between leaves everything as it was.
        if (change.auto === 'new-tabs') await noteOpen();
        return cells.update(settingsCell, (before) => ({ ...before, ...change }));
      });
      await lockIfIdle();
      await reconcile();
      return after;
    },
  };
}
