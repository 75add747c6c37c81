// Which two relays may make a circuit: the rules that never bend, whatever is wished for (design §1, §3). Asked by the choice of a circuit;
// the part that concerns two relays of any role also keeps the guards of one client apart.

import type { IndexedEntry, IndexedExit, IndexedRelay } from './relay-index.ts';

/**
 * Entry, exit and the zone of the exit's name of three operators; other payees and other networks; and the exit keeps a link to the entry.
 * That the exit's zone is not its own operator's is seen to by `indexRelays`, and again here: this is the place that is read.
 */
export function mayPair(entry: IndexedEntry, exit: IndexedExit): boolean {
  const zone = exit.exit.zone.operator;
  return (
    areApart(entry, exit) && zone !== entry.operator && zone !== exit.operator && exit.exit.entries.includes(entry.peer)
  );
}

/** No sign that the two are in one hand: operator family, payee, /16 of IPv4 and /32 of IPv6 all differ. */
export function areApart(one: IndexedRelay, other: IndexedRelay): boolean {
  return (
    one.peer !== other.peer &&
    one.operator !== other.operator &&
    one.payee !== other.payee &&
    !one.prefixes.some((prefix) => other.prefixes.includes(prefix))
  );
}
