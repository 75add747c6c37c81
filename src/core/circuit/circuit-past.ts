// Which circuits were used by which identity, and which failed of late. A name that an earlier identity used is not used again until nothing
// of it is left: connections to a proxy and the TLS tickets of their sessions are kept by the proxy's name. Pure; memory only (cells.ts).

import { asNumber, asObject, asText } from '../state/parse.ts';
import type { Circuit } from './choose-circuit.ts';
import { FAILED_MS } from './durations.ts';

/** By proxy host; times in ms since the epoch. */
export type CircuitPast = {
  /** Counts "new identity". */
  identity: number;
  used: Readonly<Record<string, { identity: number; at: number }>>;
  failed: Readonly<Record<string, number>>;
  /** Where somebody without the exit's certificate answered for it: the two peers. */
  unproven: Readonly<Record<string, { entry: string; exit: string; at: number }>>;
  /** That of the circuit in use when nothing was private any more: the browser may still have connections by it. */
  last: string | undefined;
};

export const NO_PAST: CircuitPast = { identity: 0, used: {}, failed: {}, unproven: {}, last: undefined };

/**
 * Names that the browser may have used up to now.
 * @param keptMs how long the browser keeps what belongs to a name
 */
export function noteUsed(past: CircuitPast, hosts: readonly string[], at: number, keptMs: number): CircuitPast {
  if (hosts.length === 0) return past;
  const { identity } = past;
  const kept = Object.entries(past.used).filter(([, use]) => at - use.at < keptMs);
  const noted = hosts.map((host) => [host, { identity, at }] as const);
  return { ...past, used: Object.fromEntries([...kept, ...noted]) };
}

export function noteFailed(past: CircuitPast, hosts: readonly string[], at: number): CircuitPast {
  if (hosts.length === 0) return past;
  const kept = Object.entries(past.failed).filter(([, failedAt]) => at - failedAt < FAILED_MS);
  return { ...past, failed: Object.fromEntries([...kept, ...hosts.map((host) => [host, at] as const)]) };
}

export function noteUnproven(past: CircuitPast, { proxyHost, entry, exit }: Circuit, at: number): CircuitPast {
  const kept = Object.entries(past.unproven).filter(([, each]) => at - each.at < FAILED_MS);
  const noted = [proxyHost, { entry: entry.peer, exit: exit.peer, at }] as const;
  return { ...past, unproven: Object.fromEntries([...kept, noted]) };
}

/**
 * Names by which an exit did not prove itself a moment ago, though it stands in a circuit of another entry now. Whose fault it was is seen when it is asked there once more: its certificate may have
 * been renewed in between.
 */
export function doubted({ unproven }: CircuitPast, standing: readonly Circuit[], now: number): Set<string> {
  const isDoubted = (each: { entry: string; exit: string; at: number }): boolean =>
    now - each.at < FAILED_MS &&
    standing.some(({ entry, exit }) => exit.peer === each.exit && entry.peer !== each.entry);
  return new Set(Object.entries(unproven).flatMap(([host, each]) => (isDoubted(each) ? [host] : [])));
}

export function nextIdentity(past: CircuitPast): CircuitPast {
  return { ...past, identity: past.identity + 1, last: undefined };
}

/** Nothing is private any more; this was in use, and is taken again rather than another. */
export function noteLast(past: CircuitPast, host: string | undefined): CircuitPast {
  return host === undefined || host === past.last ? past : { ...past, last: host };
}

/** Names that `identity` must not use. */
export function usedByOthers({ used }: CircuitPast, identity: number, now: number, keptMs: number): Set<string> {
  const stale = Object.entries(used).filter(([, use]) => use.identity !== identity && now - use.at < keptMs);
  return new Set(stale.map(([host]) => host));
}

/** Names that failed a short while ago. */
export function failedOfLate({ failed }: CircuitPast, now: number): Set<string> {
  return new Set(
    Object.entries(failed)
      .filter(([, at]) => now - at < FAILED_MS)
      .map(([host]) => host),
  );
}

/** Throws `ParseError`. */
export function parseCircuitPast(value: unknown): CircuitPast {
  const fields = asObject(value);
  const used = Object.entries(asObject(fields['used'])).map(([host, use]) => {
    const { identity, at } = asObject(use);
    return [host, { identity: asNumber(identity), at: asNumber(at) }] as const;
  });
  const failed = Object.entries(asObject(fields['failed'])).map(([host, at]) => [host, asNumber(at)] as const);
  const unproven = Object.entries(asObject(fields['unproven'])).map(([host, each]) => {
    const { entry, exit, at } = asObject(each);
    return [host, { entry: asText(entry), exit: asText(exit), at: asNumber(at) }] as const;
  });
  return {
    identity: asNumber(fields['identity']),
    used: Object.fromEntries(used),
    failed: Object.fromEntries(failed),
    unproven: Object.fromEntries(unproven),
    last: fields['last'] === undefined ? undefined : asText(fields['last']),
  };
}
