// Which entry and which exit make a circuit. The rule that must never bend: entry, exit and the zone of the exit's name are run by
// three different operators (design §1, §3). Weights, guards and stickiness join here when the directory does.

import type { RelayRecord } from '../directory/relay-record.ts';
import { CircuitNameError, formatCircuitName } from '../tunnel/circuit-name.ts';

type EntryRecord = RelayRecord & { entry: NonNullable<RelayRecord['entry']> };
type ExitRecord = RelayRecord & { exit: NonNullable<RelayRecord['exit']> };

export type Circuit = {
  /** Host of the HTTPS proxy: `<entry-ip-dashed>.<exit-peer-id>.<zone>`. */
  proxyHost: string;
  proxyPort: number;
  entry: { peer: string; operator: string; region: string; host: string; port: number };
  exit: { peer: string; operator: string; region: string };
};

/** Every pair that may be a circuit, in the order of the list. */
export function possibleCircuits(relays: readonly RelayRecord[]): Circuit[] {
  const entries = relays.filter((relay): relay is EntryRecord => relay.entry !== undefined);
  const exits = relays.filter((relay): relay is ExitRecord => relay.exit !== undefined);
  return entries.flatMap((entry) =>
    exits
      .filter((exit) => mayPair(entry, exit))
      .map((exit) => toCircuit(entry, exit))
      .filter((circuit) => circuit !== undefined),
  );
}

/**
 * Chooses one of the possible circuits evenly.
 * @param draw a fresh random number, 0 <= draw < 1
 * @param avoid proxy hosts that failed of late; taken only when nothing else is left
 * @param tried proxy hosts that failed in this round; never taken
 */
export function chooseCircuit(
  relays: readonly RelayRecord[],
  draw: number,
  { avoid, tried }: { avoid?: ReadonlySet<string>; tried?: ReadonlySet<string> } = {},
): Circuit | undefined {
  const all = possibleCircuits(relays).filter((circuit) => tried?.has(circuit.proxyHost) !== true);
  const fresh = all.filter((circuit) => avoid?.has(circuit.proxyHost) !== true);
  const candidates = fresh.length > 0 ? fresh : all;
  return candidates[Math.floor(draw * candidates.length)];
}

function mayPair(entry: EntryRecord, exit: ExitRecord): boolean {
  const operators = new Set([entry.operator, exit.operator, exit.exit.zone.operator]);
  return operators.size === 3 && entry.peer !== exit.peer && exit.exit.entries.includes(entry.peer);
}

/** Undefined where a zone is so long that a name in it is none: one such relay must not keep the others from being used. */
function toCircuit(entry: EntryRecord, exit: ExitRecord): Circuit | undefined {
  try {
    return nameCircuit(entry, exit);
  } catch (error) {
    if (error instanceof CircuitNameError) return undefined;
    throw error;
  }
}

function nameCircuit(entry: EntryRecord, exit: ExitRecord): Circuit {
  const { address, port } = entry.entry;
  return {
    proxyHost: formatCircuitName({ address, peer: exit.peer, zone: exit.exit.zone.name }),
    proxyPort: port,
    entry: {
      peer: entry.peer,
      operator: entry.operator,
      region: entry.region,
      host: formatCircuitName({ address, peer: entry.peer, zone: entry.entry.zone.name }),
      port,
    },
    exit: { peer: exit.peer, operator: exit.operator, region: exit.region },
  };
}
