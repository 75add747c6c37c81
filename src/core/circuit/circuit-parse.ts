// Reads a circuit's state back from storage. Anything that is not exactly one is refused: a state that was never checked must not
// come back as verified.

import { parseCircuitName } from '../tunnel/circuit-name.ts';
import { asNumber, asObject, asOneOf, asText, ParseError } from '../state/parse.ts';
import type { Circuit } from './choose-circuit.ts';
import {
  CIRCUIT_FAILURES,
  CIRCUIT_OFF,
  MAX_CIRCUITS,
  type CircuitState,
  type Standing,
  type Standings,
  type Trial,
} from './circuit-state.ts';

/** Throws `ParseError`, or `CircuitNameError` where a host is no relay's name. */
export function parseCircuitState(value: unknown): CircuitState {
  const fields = asObject(value);
  const at = asOneOf(fields['at'], ['off', 'connecting', 'verified', 'failed']);
  switch (at) {
    case 'off':
      return CIRCUIT_OFF;
    case 'connecting':
      return { at, trial: parseTrial(fields['trial']), failures: asNumber(fields['failures']) };
    case 'verified':
      return { at, circuits: parseStandings(fields['circuits']), trial: parseTrial(fields['trial']) };
    case 'failed':
      return {
        at,
        reason: asOneOf(fields['reason'], CIRCUIT_FAILURES),
        failures: asNumber(fields['failures']),
        retryAt: asNumber(fields['retryAt']),
      };
  }
}

function parseStandings(value: unknown): Standings {
  if (!Array.isArray(value) || value.length > MAX_CIRCUITS) throw new ParseError('not a list of circuits');
  const [first, ...rest] = value.map(parseStanding);
  if (first === undefined) throw new ParseError('no circuit');
  return [first, ...rest];
}

function parseStanding(value: unknown): Standing {
  const fields = asObject(value);
  return {
    circuit: parseCircuit(fields['circuit']),
    roundTripMs: asNumber(fields['roundTripMs']),
    ...(fields['exitMs'] === undefined ? {} : { exitMs: asNumber(fields['exitMs']) }),
    verifiedAt: asNumber(fields['verifiedAt']),
  };
}

function parseTrial(value: unknown): Trial | undefined {
  if (value === undefined) return undefined;
  const fields = asObject(value);
  return { circuit: parseCircuit(fields['circuit']), phase: asOneOf(fields['phase'], ['reaching', 'checking']) };
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
