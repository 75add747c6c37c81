// What the check page may call green, from what was found: pure, so that whoever has a report decides the same. Nothing that is missing is good.

import { CIRCUIT_CHECK_ADDRESS } from '../circuit/circuit-check.ts';
import type { CircuitStatement } from '../circuit/circuit-statement.ts';
import type { PeerLabel } from '../tunnel/circuit-name.ts';

/** Where from a statement was asked: a page at a name, a page at an address, workers of that page, the extension's own worker. */
export const PURPOSES = ['name', 'address', 'worker', 'shared-worker', 'extension'] as const;
export type Purpose = (typeof PURPOSES)[number];

export const LINE_IDS = ['exit', 'dns', 'ipv6', 'workers', 'webrtc', 'gpc'] as const;
export type LineId = (typeof LINE_IDS)[number];
export type Verdict = 'good' | 'bad' | 'unchecked';
export type CheckLine = { id: LineId; verdict: Verdict };

export type Evidence = {
  /** The circuits that the extension had in use. */
  circuits: readonly { exit: PeerLabel; entry: PeerLabel }[];
  /** The name that nobody ever asked for before. */
  dnsHost: string;
  /** Statements whose signature and nonce were verified; what is missing was not answered. */
  statements: Partial<Record<Purpose, CircuitStatement>>;
  /** Types of the WebRTC candidates that a private page could gather; null where it could not be asked. */
  candidates: readonly string[] | null;
  /** `navigator.globalPrivacyControl` in a private page; null where it could not be asked. */
  property: boolean | null;
};

/** A relayed candidate shows the address of the relay. All others show one of this machine. */
const HARMLESS_CANDIDATE = 'relay';

export function decideLines(evidence: Evidence): CheckLine[] {
  const { statements, dnsHost, candidates, property } = evidence;
  const cameOut = (purpose: Purpose): boolean => isOfCircuit(statements[purpose], evidence);
  const good: Record<LineId, boolean | undefined> = {
    exit: cameOut('name'),
    dns: cameOut('name') && statements.name?.host === dnsHost,
    ipv6: cameOut('address') && statements.address?.host === `[${CIRCUIT_CHECK_ADDRESS}]`,
    workers: cameOut('worker') && cameOut('shared-worker') && cameOut('extension'),
    webrtc: candidates === null ? undefined : candidates.every((type) => type === HARMLESS_CANDIDATE),
    gpc: property === null ? undefined : property && statements.name?.gpc === true && cameOut('name'),
  };
  return LINE_IDS.map((id) => ({ id, verdict: toVerdict(good[id]) }));
}

/** Signed by an exit of ours, and where it says which entry it came from, by the entry of that circuit. */
function isOfCircuit(statement: CircuitStatement | undefined, { circuits }: Evidence): boolean {
  if (statement === undefined) return false;
  const { peer, entry } = statement;
  return circuits.some((circuit) => circuit.exit === peer && (entry === undefined || entry === circuit.entry));
}

function toVerdict(good: boolean | undefined): Verdict {
  return good === undefined ? 'unchecked' : good ? 'good' : 'bad';
}
