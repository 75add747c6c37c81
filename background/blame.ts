// What relays did that honest ones do not, kept so that they are not asked, and those that misled or forged not used. Whoever is blamed is told of in the popup by its operator's name.

import { MAX_FAULTS, type RelayFault, type RelayFaults } from '../src/core/directory/relay-faults.ts';
import { relayFaultsCell, relaysCell } from '../src/core/state/cells.ts';
import type { PeerLabel } from '../src/core/tunnel/circuit-name.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock } from '../src/ports/host.ts';

export class RelayFaultError extends Error {
  override readonly name = 'RelayFaultError';
}

export type Blame = (peers: readonly PeerLabel[], code: RelayFault['code']) => Promise<void>;

export function createBlame({
  cells,
  clock,
  report,
}: {
  cells: Cells;
  clock: Clock;
  report: (error: unknown) => void;
}): Blame {
  return async (peers, code) => {
    if (peers.length === 0) return;
    const relays = (await cells.read(relaysCell)) ?? [];
    const fresh = peers.map((peer): [PeerLabel, RelayFault] => {
      report(new RelayFaultError(`a relay ${code}: ${peer}`));
      const operator = relays.find((relay) => relay.peer === peer)?.operator;
      return [peer, { code, at: clock.now(), ...(operator !== undefined && { operator }) }];
    });
    await cells.update(relayFaultsCell, (before) => newest({ ...before, ...Object.fromEntries(fresh) }));
  };
}

function newest(faults: RelayFaults): RelayFaults {
  const all = Object.entries(faults).sort(([, one], [, other]) => other.at - one.at);
  return Object.fromEntries(all.slice(0, MAX_FAULTS));
}
