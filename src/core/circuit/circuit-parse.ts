// Reads a circuit's state back from storage. Anything that is not exactly one is refused: a state that was never checked must not
// come back as verified.

import { parseCircuitName } from '../tunnel/circuit-name.ts';
import { asNumber, asObject, asOneOf, asText } from '../state/parse.ts';
import type { Circuit } from './choose-circuit.ts';
import { CIRCUIT_FAILURES, CIRCUIT_OFF, type CircuitState } from './circuit-state.ts';

/** Throws `ParseError`, or `CircuitNameError` where a host is no relay's name. */
export function parseCircuitState(value: unknown): CircuitState {
  const fields = asObject(value);
  const at = asOneOf(fields['at'], ['off', 'connecting', 'verified', 'failed']);
  switch (at) {
    case 'off':
      return CIRCUIT_OFF;
    case 'connecting': {
      const phase = asOneOf(fields['phase'], ['choosing', 'reaching', 'checking']);
      const failures = asNumber(fields['failures']);
      return phase === 'choosing'
        ? { at, phase, failures }
        : { at, phase, circuit: parseCircuit(fields['circuit']), failures };
    }
    case 'verified':
      return {
        at,
        circuit: parseCircuit(fields['circuit']),
        roundTripMs: asNumber(fields['roundTripMs']),
        verifiedAt: asNumber(fields['verifiedAt']),
      };
    case 'failed':
      return {
        at,
        reason: asOneOf(fields['reason'], CIRCUIT_FAILURES),
        failures: asNumber(fields['failures']),
        retryAt: asNumber(fields['retryAt']),
      };
  }
}

function parseCircuit(value: unknown): Circuit {
  const fields = asObject(value);
  const entry = asObject(fields['entry']);
  const exit = asObject(fields['exit']);
  return {
    proxyHost: asRelayName(fields['proxyHost']),
    proxyPort: asNumber(fields['proxyPort']),
    entry: { ...parseParty(entry), host: asRelayName(entry['host']), port: asNumber(entry['port']) },
    exit: parseParty(exit),
  };
}

function parseParty(fields: Record<string, unknown>): Circuit['exit'] {
  return { peer: asText(fields['peer']), operator: asText(fields['operator']), region: asText(fields['region']) };
}

function asRelayName(value: unknown): string {
  const name = asText(value);
  parseCircuitName(name);
  return name;
}
