// What a relay did that an honest one does not, and for how long that is held against it.

import { asNumber, asObject, asText, ParseError } from '../state/parse.ts';
import { isPeerLabel, type PeerLabel } from '../tunnel/circuit-name.ts';

/**
 * `hides`: lacks what others have. `forges`: told of what nobody signed. `breaks`: broke the protocol. `misleads`: an entry by which another machine answers for an exit that proves itself by
 * another entry; or somebody between here and there, or a resolver, who answers for the entry.
 */
export const RELAY_FAULTS = ['hides', 'forges', 'breaks', 'misleads'] as const;
/** `operator`: of the relay, where it was known. */
export type RelayFault = { code: (typeof RELAY_FAULTS)[number]; at: number; operator?: string };
export type RelayFaults = Readonly<Record<PeerLabel, RelayFault>>;

export const MAX_FAULTS = 100;

const DAY_MS = 24 * 60 * 60_000;
/** Who signs for others or breaks the protocol is at fault for sure; who lacks something, or is led past, may have others to thank for it. */
const HELD_MS: Readonly<Record<RelayFault['code'], number>> = {
  hides: DAY_MS,
  forges: 30 * DAY_MS,
  breaks: 7 * DAY_MS,
  misleads: DAY_MS,
};
/** Whoever only knows too little carries traffic as well as another. */
const UNUSABLE: readonly RelayFault['code'][] = ['forges', 'misleads'];

/** Not asked for the directory. */
export function shunned(faults: RelayFaults, now: number): Set<PeerLabel> {
  return new Set(heldNow(faults, now).map(([peer]) => peer));
}

/** Not used in circuits. */
export function unusable(faults: RelayFaults, now: number): Set<PeerLabel> {
  return new Set(heldNow(faults, now).flatMap(([peer, { code }]) => (UNUSABLE.includes(code) ? [peer] : [])));
}

/** Operators of entries that misled, for the person. */
export function misleaders(faults: RelayFaults, now: number): string[] {
  const all = heldNow(faults, now).filter(([, { code }]) => code === 'misleads');
  return [...new Set(all.map(([peer, { operator }]) => operator ?? peer))].sort();
}

function heldNow(faults: RelayFaults, now: number): [PeerLabel, RelayFault][] {
  return Object.entries(faults).filter(([, { code, at }]) => now - at < HELD_MS[code]);
}

/** Throws `ParseError`. */
export function parseRelayFaults(value: unknown): RelayFaults {
  const all = Object.entries(asObject(value));
  if (all.length > MAX_FAULTS || !all.every(([peer]) => isPeerLabel(peer))) throw new ParseError('not faults by relay');
  return Object.fromEntries(all.map(([peer, fault]) => [peer, parseFault(fault)]));
}

function parseFault(value: unknown): RelayFault {
  const { code, at, operator } = asObject(value);
  const known = RELAY_FAULTS.find((each) => each === code);
  if (known === undefined) throw new ParseError('no such fault');
  return { code: known, at: asNumber(at), ...(operator !== undefined && { operator: asText(operator) }) };
}
