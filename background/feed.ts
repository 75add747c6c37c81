// Pushes the state of a tab to the pages that watch it, whenever it changed: to popups, and to our pages in the place of those that wait.

export type Feed<T> = {
  /** Pushes now and on every change. Returns how to stop. */
  watch: (tab: number, push: (snapshot: T) => void) => () => void;
  publish: () => Promise<void>;
};

/** @param look reads what is shown, once for all who watch: fifty pages that wait are not fifty times all of the reading */
export function createFeed<T>(look: () => Promise<(tab: number) => T>, report: (error: unknown) => void): Feed<T> {
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
      look().then((see) => watcher.update(see(tab)), report);
      return () => watchers.delete(watcher);
    },
    publish: async () => {
      if (watchers.size === 0) return;
      const see = await look();
      for (const { tab, update } of [...watchers]) update(see(tab));
    },
  };
}
