// Which entry and which exit make a circuit: an entry of the client's guards, an exit with a line to it, by weight. The rules of pairing.ts never bend. Called by
// background/build-circuits.ts; the choice out of a whole directory is made before, by shortlist.ts.

import type { RelayRecord } from '../directory/relay-record.ts';
import { CircuitNameError, formatCircuitName } from '../tunnel/circuit-name.ts';
import { addGuard, GUARDS_IN_USE, guardsFor, tendGuards, type GuardSet } from './guard-set.ts';
import type { Draw, RelayFacts } from './relay-facts.ts';
import { indexRelays, type IndexedEntry, type IndexedExit, type RelayIndex } from './relay-index.ts';
import { exitsFor, fitsEntry, mayBegin, type SelectionWishes } from './select-circuit.ts';
import { weighExit } from './weigh-exits.ts';
import { drawOne } from './weighted-draw.ts';

export type Circuit = {
  /** Host of the HTTPS proxy: `<entry-ip-dashed>.<exit-peer-id>.<zone>`. */
  proxyHost: string;
  proxyPort: number;
  entry: { peer: string; operator: string; region: string; host: string; port: number };
  exit: { peer: string; operator: string; region: string };
};

/** The relays that there are, made ready for choices. */
export type Relays = { index: RelayIndex; records: ReadonlyMap<string, RelayRecord> };

export function readyRelays(records: readonly RelayRecord[]): Relays {
  return {
    index: indexRelays(records.map(factsOf)),
    records: new Map(records.map((record) => [record.peer, record])),
  };
}

/** Every pair that may be a circuit, and that fits what is wished of relays, once for each address of the entry, in the order of the list. */
export function possibleCircuits(records: readonly RelayRecord[], wishes: SelectionWishes = {}): Circuit[] {
  const relays = readyRelays(records);
  const entries = relays.index.entries.filter((entry) => fitsEntry(entry, wishes));
  return entries.flatMap((entry) => circuitsOf(relays, entry, wishes).map(({ circuit }) => circuit));
}

/** Whether both relays of a circuit are what is wished for. One that is not among the relays is not known to be. */
export function fitsWishes(records: readonly RelayRecord[], wishes: SelectionWishes): (circuit: Circuit) => boolean {
  const pair = ({ entry, exit }: Circuit): string => `${entry.peer} ${exit.peer}`;
  const pairs = new Set(possibleCircuits(records, wishes).map(pair));
  return (circuit) => pairs.has(pair(circuit));
}

export type Wishes = {
  /** Of relays: regions, price, relays to avoid, which last; and those that are `down` or at fault. */
  relays?: SelectionWishes;
  /** Proxy hosts that failed of late; taken only when nothing else is left. */
  avoid?: ReadonlySet<string>;
  /** Proxy hosts that are never taken: tried in this round, or used by another identity. */
  never?: ReadonlySet<string>;
  /** The proxy host that is rather taken than others as good: that of before, to which the browser may still have connections. */
  prefer?: string | undefined;
  /** Circuits that the new one is to be as different from as can be: another exit above all, another entry next. */
  beside?: readonly Circuit[];
  /** Where the person wants to leave the network: rather such an exit than a spare of another entry, and rather another exit than the same one twice. */
  rather?: ((circuit: Circuit) => boolean) | undefined;
  fits?: (circuit: Circuit) => boolean;
  /** No guard is taken in for this circuit: only a lasting wish is worth meeting another entry. */
  keepsGuards?: boolean;
};

/** `guards`: to be stored before the circuit is used. */
export type Choice = { circuit: Circuit | undefined; guards: GuardSet };

/**
 * Among the circuits that fit the wishes best: an entry, each as likely as any other, and one of its exits by weight. Where none of the guards has one that has not failed,
 * another guard is taken, while the set has room.
 * @param now ms since the epoch
 */
export function chooseCircuit(relays: Relays, set: GuardSet, now: number, draw: Draw, wishes: Wishes = {}): Choice {
  const wanted = wishes.relays ?? {};
  const fits = (entry: IndexedEntry): boolean => mayBegin(relays.index, entry, wanted);
  const guards = tendGuards(set, relays.index, now, draw, fits);
  const best = candidates(relays, guards, wishes);
  if (wishes.keepsGuards !== true && (best.failed || best.pairs.length === 0)) {
    const more = addGuard(guards, relays.index, now, draw, fits);
    const other = more === guards ? best : candidates(relays, more, wishes);
    if (!other.failed && other.pairs.length > 0) return { circuit: drawPair(other.pairs, draw), guards: more };
  }
  return { circuit: drawPair(best.pairs, draw), guards };
}

type Pair = { circuit: Circuit; entry: IndexedEntry; exit: IndexedExit; isFirstAddress: boolean };

/** Those of the least cost. */
function candidates(relays: Relays, guards: GuardSet, wishes: Wishes): { pairs: Pair[]; failed: boolean } {
  const { avoid, never, prefer, beside = [], rather, fits } = wishes;
  const usable = guardsFor(guards, relays.index, (entry) => fitsEntry(entry, wishes.relays ?? {}));
  const inUse = usable.slice(0, GUARDS_IN_USE);
  const pairs = usable
    .flatMap((entry) => circuitsOf(relays, entry, wishes.relays ?? {}))
    .filter(({ circuit }) => never?.has(circuit.proxyHost) !== true && fits?.(circuit) !== false);
  const isFailed = ({ circuit }: Pair): boolean => avoid?.has(circuit.proxyHost) === true;
  const cost = (pair: Pair): number => {
    const { circuit, entry, isFirstAddress } = pair;
    return (
      (isFailed(pair) ? 16 : 0) +
      // Another guard only where those in use have nothing.
      (inUse.includes(entry) ? 0 : 8) +
      (beside.some(({ exit }) => exit.peer === circuit.exit.peer) ? 4 : 0) +
      (rather?.(circuit) === false ? 3 : 0) +
      (beside.some(({ entry: other }) => other.peer === circuit.entry.peer) ? 2 : 0) +
      (isFirstAddress ? 0 : 1) +
      (circuit.proxyHost === prefer ? 0 : 0.5)
    );
  };
  const costs = pairs.map(cost);
  const least = Math.min(...costs);
  const best = pairs.filter((_, index) => costs[index] === least);
  return { pairs: best, failed: best[0] !== undefined && isFailed(best[0]) };
}

function drawPair(pairs: readonly Pair[], draw: Draw): Circuit | undefined {
  const entries = [...new Set(pairs.map(({ entry }) => entry))];
  const entry = entries[Math.floor(draw() * entries.length)];
  const ofEntry = pairs.filter((pair) => pair.entry === entry);
  return drawOne(ofEntry, ({ exit }) => weighExit(exit), draw())?.circuit;
}

function circuitsOf({ index, records }: Relays, entry: IndexedEntry, wishes: SelectionWishes): Pair[] {
  const exits = exitsFor(index, entry, wishes);
  const record = records.get(entry.peer);
  return exits.flatMap((exit) =>
    (record?.entry?.addresses ?? []).flatMap((address, at) => {
      const other = records.get(exit.peer);
      const circuit = record && other && nameCircuit(record, other, address);
      return circuit === undefined ? [] : [{ circuit, entry, exit, isFirstAddress: at === 0 }];
    }),
  );
}

/** Undefined where a zone is so long that a name in it is none: one such relay must not keep the others from being used. */
function nameCircuit(of: RelayRecord, to: RelayRecord, address: string): Circuit | undefined {
  const { entry } = of;
  const { exit } = to;
  if (entry === undefined || exit === undefined) return undefined;
  try {
    return {
      proxyHost: formatCircuitName({ address, peer: to.peer, zone: exit.zone.name }),
      proxyPort: entry.port,
      entry: {
        peer: of.peer,
        operator: of.operator,
        region: of.region,
        host: formatCircuitName({ address, peer: of.peer, zone: entry.zone }),
        port: entry.port,
      },
      exit: { peer: to.peer, operator: to.operator, region: to.region },
    };
  } catch (error) {
    if (error instanceof CircuitNameError) return undefined;
    throw error;
  }
}

function factsOf({ peer, operator, region, payee, capacity, entry, exit }: RelayRecord): RelayFacts {
  return {
    ...{ peer, operator, region, payee },
    addresses: [...(entry?.addresses ?? []), ...(exit?.addresses ?? [])],
    ...(entry === undefined ? {} : { entry: { capacity, pricePerMib: BigInt(entry.pricePerMib) } }),
    ...(exit === undefined
      ? {}
      : { exit: { capacity, pricePerMib: BigInt(exit.pricePerMib), zone: exit.zone, entries: exit.entries } }),
  };
}
