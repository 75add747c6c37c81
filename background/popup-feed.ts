// Pushes the state of a tab to the popups that watch it, whenever it changed.

import type { PopupSnapshot } from '../src/core/state/snapshot.ts';

export type PopupFeed = {
  /** Pushes now and on every change. Returns how to stop. */
  watch: (tab: number, push: (snapshot: PopupSnapshot) => void) => () => void;
  publish: () => Promise<void>;
};

export function createPopupFeed(
  snapshot: (tab: number) => Promise<PopupSnapshot>,
  report: (error: unknown) => void,
): PopupFeed {
  const watchers = new Set<{ tab: number; update: (snapshot: PopupSnapshot) => void }>();
  return {
    watch: (tab, push) => {
      let last = '';
      const watcher = {
        tab,
        update: (value: PopupSnapshot): void => {
          const text = JSON.stringify(value);
          if (text === last) return;
          last = text;
          push(value);
        },
      };
      watchers.add(watcher);
      snapshot(tab).then(watcher.update, report);
      return () => watchers.delete(watcher);
    },
    publish: async () => {
      for (const watcher of [...watchers]) watcher.update(await snapshot(watcher.tab));
    },
  };
}
