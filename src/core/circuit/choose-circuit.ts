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

export type Wishes = {
  /** Proxy hosts that failed of late; taken only when nothing else is left. */
  avoid?: ReadonlySet<string>;
  /** Proxy hosts that are never taken: tried in this round, or used by another identity. */
  never?: ReadonlySet<string>;
  /** Circuits that the new one is to be as different from as can be: another exit above all, another entry next. */
  beside?: readonly Circuit[];
};

/**
 * Chooses evenly among those of the possible circuits that fit the wishes best.
 * @param draw a fresh random number, 0 <= draw < 1
 */
export function chooseCircuit(
  relays: readonly RelayRecord[],
  draw: number,
  { avoid, never, beside = [] }: Wishes = {},
): Circuit | undefined {
  const all = possibleCircuits(relays).filter((circuit) => never?.has(circuit.proxyHost) !== true);
  const cost = (circuit: Circuit): number =>
    (avoid?.has(circuit.proxyHost) === true ? 4 : 0) +
    (beside.some(({ exit }) => exit.peer === circuit.exit.peer) ? 2 : 0) +
    (beside.some(({ entry }) => entry.peer === circuit.entry.peer) ? 1 : 0);
  const least = Math.min(...all.map(cost));
  const candidates = all.filter((circuit) => cost(circuit) === least);
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
