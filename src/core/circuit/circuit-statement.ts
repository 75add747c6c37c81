// What the exit saw of one request, signed: the check page shows it, saves it, and anybody can verify it later.
// Shared by exit, page and verifier so that they cannot drift: docs/protocol/circuit-check.md. It never holds a client's address.

import ipaddr from 'ipaddr.js';
import { isPeerLabel, type PeerLabel } from '../tunnel/circuit-name.ts';
import { CIRCUIT_CHECK_HOST, isCircuitCheckNonce, isCircuitCheckSignature } from './circuit-check.ts';

export const STATEMENT_PATH = '/statement';
/** An empty page: a document of the circuit's own, in which a private tab can ask from where it stands. */
export const BLANK_PATH = '/blank';

const CONTEXT = 'conet circuit statement 1';

/** RFC 1035 §3.1, and a port. */
const MAX_HOST_LENGTH = 259;
/** Names and addresses as URLs write them, with a port where it is not the usual one. */
const HOST = /^[0-9a-z._:[\]-]+$/;

export type CircuitStatement = {
  /** The exit that signs, base36. */
  peer: PeerLabel;
  /** The 32 bytes that the client drew, in lower-case hexadecimal. */
  nonce: string;
  /** The exit's clock, ms since the epoch. */
  time: number;
  /** The host that the exit was asked for, as URLs write it: a name that arrived as a name was not resolved by the client. */
  host: string;
  /** How the request stood in the tunnel: with its whole URL. CONNECT to the check is refused. */
  form: 'absolute';
  version: 'http/1.1' | 'h2';
  /** The entry that the tunnel came from, base36; undefined where the exit cannot tell. */
  entry: PeerLabel | undefined;
  /** Addresses that sites see the exit under; undefined where it has none of that family or cannot know. */
  source4: string | undefined;
  source6: string | undefined;
  /** Whether the request carried `Sec-GPC: 1`. */
  gpc: boolean;
};

export type SignedStatement = {
  statement: CircuitStatement;
  /** Ed25519 over `statementMessage`, 64 bytes in lower-case hexadecimal. */
  signature: string;
};

export function statementUrl(origin: string, nonce: string): string {
  return `${origin}${STATEMENT_PATH}?nonce=${nonce}`;
}

/** `http://<label>.circuit.conet.internal`: a name that exists in no DNS. */
export function checkOrigin(...labels: string[]): string {
  return `http://${[...labels, CIRCUIT_CHECK_HOST].join('.')}`;
}

/**
 * What the exit signs: a context that nothing else has, then one field a line, `-` for what is undefined. No value can hold a line end,
 * so that different statements are different bytes.
 */
export function statementMessage(statement: CircuitStatement): Uint8Array<ArrayBuffer> {
  const { peer, nonce, time, host, form, version, entry, source4, source6, gpc } = statement;
  const optional = (value: string | undefined): string => value ?? '-';
  const lines = [
    CONTEXT,
    `peer ${peer}`,
    `nonce ${nonce}`,
    `time ${time}`,
    `host ${host}`,
    `form ${form}`,
    `version ${version}`,
    `entry ${optional(entry)}`,
    `source4 ${optional(source4)}`,
    `source6 ${optional(source6)}`,
    `gpc ${gpc ? 1 : 0}`,
  ];
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
}

/** Reads a signed statement from parsed JSON; undefined for anything else. The signature is still to be verified. */
export function parseSignedStatement(value: unknown): SignedStatement | undefined {
  const fields = exactly(value, ['statement', 'signature']);
  const statement = parseStatement(fields?.['statement']);
  const signature = fields?.['signature'];
  return statement !== undefined && isCircuitCheckSignature(signature) ? { statement, signature } : undefined;
}

function parseStatement(value: unknown): CircuitStatement | undefined {
  const fields = exactly(value, [
    ...['peer', 'nonce', 'time', 'host', 'form', 'version', 'gpc'],
    ...['entry', 'source4', 'source6'],
  ]);
  if (fields === undefined) return undefined;
  const { peer, nonce, time, host, form, version, entry, source4, source6, gpc } = fields;
  if (!isPeer(peer) || !isCircuitCheckNonce(nonce)) return undefined;
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || time < 0) return undefined;
  if (typeof host !== 'string' || host.length > MAX_HOST_LENGTH || !HOST.test(host)) return undefined;
  if (form !== 'absolute' || (version !== 'http/1.1' && version !== 'h2') || typeof gpc !== 'boolean') return undefined;
  if (entry !== undefined && !isPeer(entry)) return undefined;
  if (source4 !== undefined && !isAddress(source4, 'ipv4')) return undefined;
  if (source6 !== undefined && !isAddress(source6, 'ipv6')) return undefined;
  return { peer, nonce, time, host, form, version, entry, source4, source6, gpc };
}

/** An object with no field but these: what is not signed may not travel along. */
function exactly(value: unknown, names: readonly string[]): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).every((name) => names.includes(name)) ? (value as Record<string, unknown>) : undefined;
}

function isPeer(value: unknown): value is PeerLabel {
  return typeof value === 'string' && isPeerLabel(value);
}

/** In the one spelling that `ipaddr.js` writes. */
function isAddress(value: unknown, kind: 'ipv4' | 'ipv6'): value is string {
  if (typeof value !== 'string' || !ipaddr.isValid(value)) return false;
  const address = ipaddr.parse(value);
  return address.kind() === kind && address.toString() === value;
}
