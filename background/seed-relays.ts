// Fills the cell of relays from the packaged list, once: where it was never filled. Called by background/app.ts at every start.

import { parseRelayRecords } from '../src/core/directory/relay-record.ts';
import { relaysCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { PackagedRelays } from '../src/ports/host.ts';

export type SeedDeps = { cells: Cells; packagedRelays: PackagedRelays; report: (error: unknown) => void };

/** A wrong list is reported and not used. Never rejects for what the list holds. */
export async function seedRelays({ cells, packagedRelays, report }: SeedDeps): Promise<void> {
  if ((await cells.read(relaysCell)) !== undefined) return;
  try {
    const file = await packagedRelays.read();
    const relays = parseRelayRecords((file as { relays?: unknown } | undefined)?.relays);
    // An empty list is not kept: an update may bring one that is not.
    if (relays.length > 0) await cells.update(relaysCell, (value) => value ?? relays);
  } catch (error) {
    report(error);
  }
}
