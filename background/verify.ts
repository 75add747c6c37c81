// Asks an exit, through the browser's own proxy path and exactly the circuit that is meant, who it is, and checks its signed answer (invariant I5).
// Nothing else may decide that a circuit is verified. Called by background/circuits.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import {
  checkHostOf,
  circuitCheckMessage,
  circuitCheckUrl,
  parseCircuitCheckAnswer,
} from '../src/core/circuit/circuit-check.ts';
import type { CircuitFailure } from '../src/core/circuit/circuit-state.ts';
import type { PeerKeys } from '../src/ports/entry-client.ts';
import { ProxyCertificateError, type Chance, type ProxiedFetch } from '../src/ports/host.ts';

const NONCE_BYTES = 32;

export type Verdict =
  'verified' | Extract<CircuitFailure, 'check-unreachable' | 'check-refused' | 'check-certificate' | 'check-entry'>;
export type Verify = (circuit: Circuit, options: { signal: AbortSignal }) => Promise<Verdict>;

export type VerifyDeps = { fetch: ProxiedFetch; keys: PeerKeys; chance: Chance };

export function createVerify({ fetch, keys, chance }: VerifyDeps): Verify {
  return async (circuit, { signal }) => {
    const nonce = toHex(chance.bytes(NONCE_BYTES));
    let reply: unknown;
    try {
      reply = await fetch.json(circuitCheckUrl(nonce, checkHostOf(circuit.proxyHost)), { signal });
    } catch (error) {
      return error instanceof ProxyCertificateError ? 'check-certificate' : 'check-unreachable';
    }
    const answer = parseCircuitCheckAnswer(reply);
    if (answer?.peer !== circuit.exit.peer) return 'check-refused';
    const { peer, entry, signature } = answer;
    // Over the nonce that was asked with, whatever the answer says.
    const isExit = await keys.verify(peer, circuitCheckMessage({ peer, nonce, entry }), fromHex(signature));
    if (!isExit) return 'check-refused';
    // Whoever resolves the circuit's name could lead to another entry that the exit is linked to: of the exit's own operator, say.
    return entry === circuit.entry.peer ? 'verified' : 'check-entry';
  };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => parseInt(text.slice(index * 2, index * 2 + 2), 16));
}
