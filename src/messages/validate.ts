// Reads a message that came in: from `unknown` to a typed one, or a `MessageError`. Nothing behind this file sees raw input.

import { isCircuitCheckNonce } from '../core/circuit/circuit-check.ts';
import { asRegion, parseExitChoice } from '../core/circuit/exit-choice.ts';
import { parseRelayWishes } from '../core/circuit/relay-wishes.ts';
import { BeginError } from '../core/directory/begin-error.ts';
import { parseBeginPlaces } from '../core/directory/begin-places.ts';
import { formatAmount, parseAmount } from '../core/payment/amount.ts';
import { asHash } from '../core/payment/hex.ts';
import { parseRpcUrls } from '../core/payment/rpc-urls.ts';
import { parseNeighbourIds } from '../core/state/neighbour.ts';
import { parsePatch, SETTING_NAMES } from '../core/state/settings.ts';
import { asBoolean, asObject, asOneOf, asTabId, asText, asTexts, ParseError } from '../core/state/parse.ts';
import { SITE_MODES } from '../core/routing/site-rule.ts';
import { SiteError } from '../core/state/site-error.ts';
import { asSiteHost, parseSiteRules, parseTypedSite, toSiteRule } from '../core/state/site-rules.ts';
import { asAddress } from '../core/wallet/accounts.ts';
import { MAX_KEYSTORE_CHARACTERS, type ImportSource } from '../core/wallet/wallet-status.ts';
import { WalletError } from '../core/wallet/wallet-error.ts';
import { MessageError, type Message, type MessageData, type MessageType } from './protocol.ts';

/** A signed statement has under 700. */
const MAX_ANSWER_CHARACTERS = 4096;
/** More than the longest password that is allowed (src/core/wallet/password.ts), in whatever script; and than 24 words. */
const MAX_SECRET_CHARACTERS = 2048;

const WISHES = ['exitRegions', 'entryRegions', 'maxPricePerGb', 'freeOnly', 'avoid'] as const;

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
  'rivals/turn-off': (data) => {
    const fields = exactly(data, ['tab', 'ids']);
    return { tab: asTabId(fields['tab']), ids: parseNeighbourIds(fields['ids']) };
  },
  'rivals/tolerate': (data) => {
    const fields = exactly(data, ['tab', 'ids', 'wanted']);
    const ids = parseNeighbourIds(fields['ids']);
    return { tab: asTabId(fields['tab']), ids, wanted: asBoolean(fields['wanted']) };
  },
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
  'held/open-normal': readNothing,
  'held/private-once': readNothing,
  'page/is-private': readNothing,
  'relays/read': readNothing,
  'relays/set-wishes': (data) => {
    const wishes = exactly(data, ['wishes'])['wishes'];
    return { wishes: parseRelayWishes(exactly(wishes, WISHES)) };
  },
  'relays/read-begin': readNothing,
  'relays/set-begin': (data) => {
    const places = exactly(data, ['places'])['places'];
    return { places: parseBeginPlaces(exactly(places, ['addresses', 'names', 'resolver'])) };
  },
  'exits/read': readTab,
  'exits/choose': (data) => {
    const fields = exactly(data, ['tab', 'choice']);
    return { tab: asTabId(fields['tab']), choice: parseExitChoice(fields['choice']) };
  },
  'exits/mark': (data) => {
    const fields = exactly(data, ['tab', 'region', 'wanted']);
    return { tab: asTabId(fields['tab']), region: asRegion(fields['region']), wanted: asBoolean(fields['wanted']) };
  },
  'activity/read': readNothing,
  'activity/keep-days': (data) => ({ wanted: asBoolean(exactly(data, ['wanted'])['wanted']) }),
  'activity/start-speed': readNothing,
  'activity/cancel-speed': readNothing,
  'sites/read': readNothing,
  'sites/set-rule': (data) => {
    const fields = exactly(data, ['host', 'mode', 'exit']);
    const { host } = parseTypedSite(asText(fields['host']));
    return toSiteRule(host, asOneOf(fields['mode'], SITE_MODES), fields['exit']);
  },
  'sites/remove': (data) => ({ host: asSiteHost(exactly(data, ['host'])['host']) }),
  'sites/import': (data) => ({ rules: parseSiteRules(exactly(data, ['rules'])['rules']) }),
  'wallet/status': readNothing,
  'wallet/create': (data) => ({ password: asSecret(exactly(data, ['password'])['password']) }),
  'wallet/confirm': (data) => {
    const words = asTexts(exactly(data, ['words'])['words']);
    if (words.length > 24 || words.some((word) => word.length > 64)) throw new ParseError('not words');
    return { words };
  },
  'wallet/import': (data) => {
    const fields = exactly(data, ['source', 'password', 'replace']);
    const source = readSource(fields['source']);
    return { source, password: asSecret(fields['password']), replace: asBoolean(fields['replace']) };
  },
  'wallet/unlock': (data) => ({ password: asSecret(exactly(data, ['password'])['password']) }),
  'wallet/lock': readNothing,
  'wallet/export': (data) => {
    const fields = exactly(data, ['password', 'account']);
    const account = fields['account'] === null ? null : asAddress(fields['account']);
    return { password: asSecret(fields['password']), account };
  },
  'wallet/change-password': (data) => {
    const fields = exactly(data, ['from', 'to']);
    return { from: asSecret(fields['from']), to: asSecret(fields['to']) };
  },
  'wallet/add-account': readNothing,
  'wallet/set-paying': (data) => ({ account: asAddress(exactly(data, ['account'])['account']) }),
  'payments/status': (data) => {
    const fields = exactly(data, ['tab', 'direct']);
    return { tab: asTabId(fields['tab']), direct: asBoolean(fields['direct']) };
  },
  'payments/ask-deposit': (data) => ({ amount: asUnits(exactly(data, ['amount'])['amount']) }),
  'payments/confirm-deposit': (data) => {
    const fields = exactly(data, ['id', 'renew']);
    const id = asText(fields['id']);
    if (!/^[0-9a-f]{32}$/.test(id)) throw new ParseError('not the id of a question');
    return { id, renew: asBoolean(fields['renew']) };
  },
  'payments/refuse-deposit': readNothing,
  'payments/end-renewal': (data) => ({ id: asHash(exactly(data, ['id'])['id']) }),
  'payments/answer-price': (data) => ({ agree: asBoolean(exactly(data, ['agree'])['agree']) }),
  'payments/set-limits': (data) => {
    const limits = exactly(exactly(data, ['limits'])['limits'], ['perDay', 'perSession', 'askAbovePerGb']);
    return {
      limits: {
        perDay: asUnits(limits['perDay']),
        perSession: asUnits(limits['perSession']),
        askAbovePerGb: asUnits(limits['askAbovePerGb']),
      },
    };
  },
  'payments/find-channels': (data) => {
    const fields = exactly(data, ['direct', 'further']);
    return { direct: asBoolean(fields['direct']), further: asBoolean(fields['further']) };
  },
  'payments/use-channel': (data) => ({ id: asHash(exactly(data, ['id'])['id']) }),
  'payments/close-channel': (data) => ({ id: asHash(exactly(data, ['id'])['id']) }),
  'payments/withdraw': (data) => ({ id: asHash(exactly(data, ['id'])['id']) }),
  'settings/read': readNothing,
  'settings/set': (data) => ({ change: parsePatch(exactly(exactly(data, ['change'])['change'], SETTING_NAMES)) }),
  'settings/stored': readNothing,
  'settings/wipe': (data) => ({ wallet: asBoolean(exactly(data, ['wallet'])['wallet']) }),
  'settings/log': readNothing,
  'payments/set-rpc': (data) => ({ urls: parseRpcUrls(exactly(data, ['urls'])['urls']) }),
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
    if (error instanceof SiteError) throw new MessageError(error.code, { cause: error });
    if (error instanceof BeginError) throw new MessageError(error.code, { cause: error });
    throw error;
  }
}

function readNothing(data: unknown): Record<string, never> {
  exactly(data, []);
  return {};
}

function readTab(data: unknown): { tab: number } {
  return { tab: asTabId(exactly(data, ['tab'])['tab']) };
}

function readSource(data: unknown): ImportSource {
  const kind = asOneOf(asObject(data)['kind'], ['words', 'key', 'keystore']);
  if (kind === 'words') return { kind, words: asSecret(exactly(data, ['kind', 'words'])['words']) };
  if (kind === 'key') return { kind, key: asSecret(exactly(data, ['kind', 'key'])['key']) };
  const fields = exactly(data, ['kind', 'json', 'password']);
  const json = asText(fields['json']);
  // A person can pick the wrong file: this is told by its name.
  if (json.length > MAX_KEYSTORE_CHARACTERS) throw new WalletError('wallet-keystore-large');
  return { kind, json, password: asSecret(fields['password']) };
}

/** Base units as decimal text, in their one spelling. */
function asUnits(value: unknown): string {
  return formatAmount(parseAmount(value));
}

function asSecret(value: unknown): string {
  const text = asText(value);
  if (text.length > MAX_SECRET_CHARACTERS) throw new ParseError('too long');
  return text;
}

/** An object with these fields and no others: what is not in the protocol is not carried along. */
function exactly(data: unknown, names: readonly string[]): Record<string, unknown> {
  const fields = asObject(data);
  if (!Object.keys(fields).every((name) => names.includes(name))) throw new ParseError('a field too many');
  return fields;
}
