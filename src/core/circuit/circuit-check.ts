// The question "which exit am I on?" that the client asks through the browser's own proxy path, and the exit's signed answer.
// The badge is green only after it (invariant I5). Shared by both sides so that they cannot drift: docs/protocol/circuit-check.md.

import { isPeerLabel } from '../tunnel/circuit-name.ts';

/** Answered by every exit itself, never resolved. `.internal` is reserved for private use (ICANN, 2024-07-29). */
export const CIRCUIT_CHECK_HOST = 'circuit.conet.internal';

/**
 * Answered by every exit too, and by nobody else: RFC 3849 gives 2001:db8::/32 to documentation, so it is routed nowhere ("conet" in
 * ASCII follows). For routing it is a host like any other, so a request to it takes the way that any site's takes.
 */
export const CIRCUIT_CHECK_ADDRESS = '2001:db8:636f:6e65:74::1';

/**
 * Below it stands one name for each circuit, which the browser sends through exactly that one. Whatever else is asked below it goes nowhere,
 * and pages may ask none of it: a page could try all relays there are, and learn which its visitor uses.
 */
export const ONE_CIRCUIT_DOMAIN = `at.${CIRCUIT_CHECK_HOST}`;

const NONCE = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[0-9a-f]{128}$/;
const CONTEXT = 'conet circuit check 2';

export type CircuitCheckAnswer = {
  /** The exit's peer id, base36. */
  peer: string;
  /** The 32 bytes that the client drew, in lower-case hexadecimal. */
  nonce: string;
  /** The entry that the question came by, base36; undefined where the exit cannot tell. */
  entry: string | undefined;
  /** Ed25519 signature of `circuitCheckMessage`, 64 bytes in lower-case hexadecimal. */
  signature: string;
};

/** True for 32 bytes in lower-case hexadecimal. */
export function isCircuitCheckNonce(text: unknown): text is string {
  return typeof text === 'string' && NONCE.test(text);
}

/** True for 64 bytes in lower-case hexadecimal. */
export function isCircuitCheckSignature(text: unknown): text is string {
  return typeof text === 'string' && SIGNATURE.test(text);
}

/** The check's host, or a name below it: which one a client takes is its own business. */
export function isCircuitCheckName(name: string): boolean {
  return name === CIRCUIT_CHECK_HOST || name.endsWith(`.${CIRCUIT_CHECK_HOST}`);
}

/** A name that stands for one circuit. */
export function isWithinOneCircuit(name: string): boolean {
  return name.endsWith(`.${ONE_CIRCUIT_DOMAIN}`);
}

/**
 * The check host of one circuit: the labels that tell it from all others, below `ONE_CIRCUIT_DOMAIN`.
 * @param proxyHost a circuit name, `<entry-ip-dashed>.<exit-peer-id>.<zone>`
 */
export function checkHostOf(proxyHost: string): string {
  const [address = '', peer = ''] = proxyHost.split('.');
  return `${address}.${peer}.${ONE_CIRCUIT_DOMAIN}`;
}

/** @param host the check host, or that of one circuit (`checkHostOf`) */
export function circuitCheckUrl(nonce: string, host: string = CIRCUIT_CHECK_HOST): string {
  return `http://${host}/?nonce=${nonce}`;
}

/** What the exit signs: context, its peer id, the nonce and the entry (`-`: it cannot tell), each on a line of its own, so that it can be taken for nothing else. */
export function circuitCheckMessage({
  peer,
  nonce,
  entry,
}: Omit<CircuitCheckAnswer, 'signature'>): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${CONTEXT}\n${peer}\n${nonce}\n${entry ?? '-'}\n`);
}

/** Reads an answer from parsed JSON; undefined for anything else. The signature is still to be verified. */
export function parseCircuitCheckAnswer(value: unknown): CircuitCheckAnswer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { peer, nonce, entry, signature } = value as Record<string, unknown>;
  if (typeof peer !== 'string' || peer.length > 63) return undefined;
  if (entry !== undefined && (typeof entry !== 'string' || !isPeerLabel(entry))) return undefined;
  if (!isCircuitCheckNonce(nonce) || !isCircuitCheckSignature(signature)) return undefined;
  return { peer, nonce, entry, signature };
}
