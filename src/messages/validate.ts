// Reads a message that came in: from `unknown` to a typed one, or a `MessageError`. Nothing behind this file sees raw input.

import { isCircuitCheckNonce } from '../core/circuit/circuit-check.ts';
import { asBoolean, asObject, asTabId, asText, ParseError } from '../core/state/parse.ts';
import { MessageError, type Envelope, type Message, type MessageData, type MessageType } from './protocol.ts';

/** A signed statement has under 700. */
const MAX_ANSWER_CHARACTERS = 4096;

type Readers = { [T in MessageType]: (data: unknown) => MessageData<T> };

const readers: Readers = {
  'tab/set-private': (data) => {
    const fields = exactly(data, ['tab', 'wanted']);
    return { tab: asTabId(fields['tab']), wanted: asBoolean(fields['wanted']) };
  },
  'tab/read': readTab,
  'circuit/try-again': readTab,
  'tab/open-private': (data) => {
    const fields = exactly(data, ['tab', 'container']);
    return { tab: asTabId(fields['tab']), container: asBoolean(fields['container']) };
  },
  'incognito/set': (data) => {
    const fields = exactly(data, ['tab', 'wanted']);
    return { tab: asTabId(fields['tab']), wanted: asBoolean(fields['wanted']) };
  },
  'incognito/open-settings': readTab,
  'check/circuits': readNothing,
  'check/ask': (data) => {
    const nonce = exactly(data, ['nonce'])['nonce'];
    if (!isCircuitCheckNonce(nonce)) throw new ParseError('not a nonce');
    return { nonce };
  },
  'check/verify': (data) => {
    const answer = asText(exactly(data, ['answer'])['answer']);
    if (answer.length > MAX_ANSWER_CHARACTERS) throw new ParseError('too long');
    return { answer };
  },
  'circuit/another-exit': readTab,
  'circuit/new-identity': readTab,
  'held/retry': readNothing,
  'held/another-exit': readNothing,
  'held/end-private': readNothing,
  'page/is-private': readNothing,
};

export const MESSAGE_TYPES = Object.keys(readers) as MessageType[];

/** @param build the worker's own version */
export function parseEnvelope(value: unknown, build: string): Message {
  try {
    const fields = asObject(value);
    // Before anything else: another version may have other forms.
    if (asText(fields['build']) !== build) throw new MessageError('stale');
    const type = MESSAGE_TYPES.find((known) => known === fields['type']);
    if (type === undefined) throw new ParseError('no such message');
    return { type, data: readers[type](fields['data']) } as Message;
  } catch (error) {
    if (error instanceof ParseError) throw new MessageError('malformed', { cause: error });
    throw error;
  }
}

export function toEnvelope(message: Message, build: string): Envelope {
  return { build, ...message };
}

function readNothing(data: unknown): Record<string, never> {
  exactly(data, []);
  return {};
}

function readTab(data: unknown): { tab: number } {
  return { tab: asTabId(exactly(data, ['tab'])['tab']) };
}

/** An object with these fields and no others: what is not in the protocol is not carried along. */
function exactly(data: unknown, names: readonly string[]): Record<string, unknown> {
  const fields = asObject(data);
  if (!Object.keys(fields).every((name) => names.includes(name))) throw new ParseError('a field too many');
  return fields;
}
