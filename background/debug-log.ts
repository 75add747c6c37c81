// Writes the debug log (src/core/state/debug-log.ts): what the worker is, when it changes, and the codes of errors. Built in background/app.ts.

import { logCell } from '../src/core/state/cells.ts';
import { codeOfError, withEntry, type LogEntry, type LogEvent } from '../src/core/state/debug-log.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock } from '../src/ports/host.ts';

export type DebugLog = {
  read: () => Promise<readonly LogEntry[]>;
  /** Notes what is another than the last time. Waits for nothing. */
  see: (is: Partial<Record<LogEvent, string>>) => void;
  error: (error: unknown) => void;
};

export function createDebugLog({ cells, clock }: { cells: Cells; clock: Clock }): DebugLog {
  const last = new Map<LogEvent, string>();
  const note = (event: LogEvent, code: string): void => {
    const at = clock.now();
    // A log that cannot be written is nothing that anybody has to know of: reporting it would be noted here again.
    cells.update(logCell, (log) => withEntry(log, at, event, code)).catch(() => undefined);
  };
  return {
    read: () => cells.read(logCell),
    see: (is) => {
      for (const [event, code] of Object.entries(is) as [LogEvent, string][]) {
        if (last.get(event) === code) continue;
        last.set(event, code);
        note(event, code);
      }
    },
    error: (error) => note('error', codeOfError(error)),
  };
}
