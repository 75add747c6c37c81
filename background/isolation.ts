// Text that every private connection's key in Firefox carries: no connection of an earlier browser session, or of before privacy ended, is
// used again, and a worker that died in between loses none. Called by background/app.ts; read by the Firefox steering.

import { isolationCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';

export type Isolation = {
  /** Never rejects: where it cannot be kept, this worker has one of its own. */
  read: () => Promise<string>;
  /** The next one is another. */
  end: () => Promise<void>;
};

export function createIsolation({ cells, report }: { cells: Cells; report: (error: unknown) => void }): Isolation {
  let kept: Promise<string> | undefined;
  /** Nobody has read it since it was made: as good as another one. */
  let isFresh = false;

  const keep = async (change: (known: string | undefined, fresh: string) => string | undefined): Promise<string> => {
    const fresh = crypto.randomUUID();
    try {
      return (await cells.update(isolationCell, (known) => change(known, fresh))) ?? fresh;
    } catch (error) {
      report(error);
      return fresh;
    }
  };

  return {
    read: () => {
      isFresh = false;
      return (kept ??= keep((known, fresh) => known ?? fresh));
    },
    end: async () => {
      if (isFresh) return;
      isFresh = true;
      kept = undefined;
      if ((await cells.read(isolationCell)) !== undefined) kept = keep((_known, fresh) => fresh);
      await kept;
    },
  };
}
