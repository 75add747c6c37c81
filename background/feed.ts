// Pushes the state of a tab to the pages that watch it, whenever it changed: to popups, and to our pages in the place of those that wait.

export type Feed<T> = {
  /** Pushes now and on every change. Returns how to stop. */
  watch: (tab: number, push: (snapshot: T) => void) => () => void;
  publish: () => Promise<void>;
};

export function createFeed<T>(snapshot: (tab: number) => Promise<T>, report: (error: unknown) => void): Feed<T> {
  const watchers = new Set<{ tab: number; update: (snapshot: T) => void }>();
  return {
    watch: (tab, push) => {
      let last = '';
      const watcher = {
        tab,
        update: (value: T): void => {
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
