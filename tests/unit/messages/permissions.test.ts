// Every message from every sender, the forms that are refused, and what a sender learns of a failure.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerMessage } from '../../../src/messages/answer.ts';
import { classifySender, type Sender, type SenderFacts } from '../../../src/messages/privileges.ts';
import { parseWatchPortName, watchPortName } from '../../../src/messages/port-names.ts';
import type { Message, MessageType } from '../../../src/messages/protocol.ts';
import { toEnvelope } from '../../../src/messages/envelope.ts';
import { MESSAGE_TYPES, parseEnvelope } from '../../../src/messages/validate.ts';

const OWN = {
  extension: 'ours',
  popupUrl: 'chrome-extension://ours/popup/index.html',
  optionsUrl: 'chrome-extension://ours/popup/options.html',
  checkUrl: 'chrome-extension://ours/pages/check/index.html',
  scanUrl: 'chrome-extension://ours/pages/scan/index.html',
  heldUrl: 'chrome-extension://ours/pages/held/index.html',
};
const BUILD = '1.2.3';

const SENDERS: Record<string, SenderFacts> = {
  'the popup': { extension: 'ours', url: OWN.popupUrl, tab: undefined },
  'the popup as a page': { extension: 'ours', url: `${OWN.popupUrl}?tab=4#x`, tab: 7 },
  'the options page': { extension: 'ours', url: `${OWN.optionsUrl}#/settings`, tab: 7 },
  'a page whose URL begins like the options page': { extension: 'ours', url: `${OWN.optionsUrl}.evil.test/`, tab: 7 },
  'the check page': { extension: 'ours', url: `${OWN.checkUrl}#x`, tab: 9 },
  'a web page that names the check page': { extension: undefined, url: OWN.checkUrl, tab: 9 },
  'the scan page': { extension: 'ours', url: `${OWN.scanUrl}#camera`, tab: 9 },
  'a site that names the scan page': { extension: 'ours', url: `https://site.test/?${OWN.scanUrl}`, tab: undefined },
  'a page whose URL begins like the scan page': { extension: 'ours', url: `${OWN.scanUrl}.evil.test/`, tab: 9 },
  'a web page that names the scan page': { extension: undefined, url: OWN.scanUrl, tab: 9 },
  'the page of a tab that waits': { extension: 'ours', url: OWN.heldUrl, tab: 7 },
  'the same in no tab': { extension: 'ours', url: OWN.heldUrl, tab: undefined },
  'another extension’s': { extension: 'theirs', url: OWN.heldUrl, tab: 7 },
  'a content script': { extension: 'ours', url: 'https://site.test/page', tab: 7 },
  'a web page that names the popup': { extension: undefined, url: OWN.popupUrl, tab: 7 },
  'a page whose URL begins like the popup': { extension: 'ours', url: `${OWN.popupUrl}.evil.test/`, tab: 7 },
  'another page of the extension': { extension: 'ours', url: 'chrome-extension://ours/relays.json', tab: 7 },
  'another extension': { extension: 'theirs', url: OWN.popupUrl, tab: undefined },
  'a sender without URL': { extension: 'ours', url: undefined, tab: 7 },
  'a content script in no tab': { extension: 'ours', url: 'https://site.test/', tab: undefined },
};

const ALLOWED: Record<MessageType, string[]> = {
  'check/circuits': ['the check page'],
  'check/ask': ['the check page'],
  'check/verify': ['the check page'],
  'tab/set-private': ['the popup', 'the popup as a page', 'the options page', 'the check page'],
  'tab/read': ['the popup', 'the popup as a page', 'the options page', 'the check page'],
  'circuit/try-again': ['the popup', 'the popup as a page', 'the options page'],
  'tab/open-private': ['the popup', 'the popup as a page', 'the options page'],
  'incognito/set': ['the popup', 'the popup as a page', 'the options page'],
  'incognito/open-settings': ['the popup', 'the popup as a page', 'the options page'],
  'rivals/turn-off': ['the popup', 'the popup as a page', 'the options page'],
  'rivals/tolerate': ['the popup', 'the popup as a page', 'the options page'],
  'circuit/another-exit': ['the popup', 'the popup as a page', 'the options page'],
  'circuit/new-identity': ['the popup', 'the popup as a page', 'the options page'],
  'held/retry': ['the page of a tab that waits'],
  'held/another-exit': ['the page of a tab that waits'],
  'held/end-private': ['the page of a tab that waits'],
  'held/open-normal': ['the page of a tab that waits'],
  'held/private-once': ['the page of a tab that waits'],
  'sites/read': ['the popup', 'the popup as a page', 'the options page'],
  'sites/set-rule': ['the popup', 'the popup as a page', 'the options page'],
  'sites/remove': ['the popup', 'the popup as a page', 'the options page'],
  'sites/import': ['the popup', 'the popup as a page', 'the options page'],
  'page/is-private': ['a content script'],
  'exits/read': ['the popup', 'the popup as a page', 'the options page'],
  'exits/choose': ['the popup', 'the popup as a page', 'the options page'],
  'exits/mark': ['the popup', 'the popup as a page', 'the options page'],
  'activity/read': ['the popup', 'the popup as a page', 'the options page'],
  'activity/keep-days': ['the popup', 'the popup as a page', 'the options page'],
  'activity/start-speed': ['the popup', 'the popup as a page', 'the options page'],
  'activity/cancel-speed': ['the popup', 'the popup as a page', 'the options page'],
  'relays/read': ['the popup', 'the popup as a page', 'the options page'],
  'relays/set-wishes': ['the popup', 'the popup as a page', 'the options page'],
  'relays/read-begin': ['the popup', 'the popup as a page', 'the options page', 'the scan page'],
  'relays/set-begin': ['the popup', 'the popup as a page', 'the options page', 'the scan page'],
  'wallet/status': ['the popup', 'the popup as a page', 'the options page'],
  'wallet/create': ['the popup', 'the popup as a page', 'the options page'],
  'wallet/confirm': ['the popup', 'the popup as a page', 'the options page'],
  'wallet/import': ['the popup', 'the popup as a page', 'the options page'],
  'wallet/unlock': ['the popup', 'the popup as a page', 'the options page'],
  'wallet/lock': ['the popup', 'the popup as a page', 'the options page'],
  'wallet/export': ['the popup', 'the popup as a page', 'the options page'],
  'wallet/change-password': ['the popup', 'the popup as a page', 'the options page'],
  'wallet/add-account': ['the popup', 'the popup as a page', 'the options page'],
  'wallet/set-paying': ['the popup', 'the popup as a page', 'the options page'],
  'payments/status': ['the popup', 'the popup as a page', 'the options page'],
  'payments/ask-deposit': ['the popup', 'the popup as a page', 'the options page'],
  'payments/confirm-deposit': ['the popup', 'the popup as a page', 'the options page'],
  'payments/refuse-deposit': ['the popup', 'the popup as a page', 'the options page'],
  'payments/end-renewal': ['the popup', 'the popup as a page', 'the options page'],
  'payments/answer-price': ['the popup', 'the popup as a page', 'the options page'],
  'payments/set-limits': ['the popup', 'the popup as a page', 'the options page'],
  'payments/find-channels': ['the popup', 'the popup as a page', 'the options page'],
  'payments/use-channel': ['the popup', 'the popup as a page', 'the options page'],
  'payments/close-channel': ['the popup', 'the popup as a page', 'the options page'],
  'payments/withdraw': ['the popup', 'the popup as a page', 'the options page'],
  'payments/set-rpc': ['the popup', 'the popup as a page', 'the options page'],
  'settings/read': ['the popup', 'the popup as a page', 'the options page'],
  'settings/set': ['the popup', 'the popup as a page', 'the options page'],
  'settings/stored': ['the popup', 'the popup as a page', 'the options page'],
  'settings/wipe': ['the popup', 'the popup as a page', 'the options page'],
  'settings/log': ['the popup', 'the popup as a page', 'the options page'],
};

const WISHES = { exitRegions: ['IS'], entryRegions: [], maxPricePerGb: '0', freeOnly: false, avoid: ['alder'] };

const BEGIN = { addresses: [], names: ['example.org'], resolver: 'https://dns.test/dns-query' };

const DATA: { [T in MessageType]: Extract<Message, { type: T }>['data'] } = {
  'check/circuits': {},
  'check/ask': { nonce: 'a'.repeat(64) },
  'check/verify': { answer: '{}' },
  'tab/set-private': { tab: 7, wanted: true },
  'tab/read': { tab: 7 },
  'circuit/try-again': { tab: 7 },
  'tab/open-private': { tab: 7, container: true },
  'incognito/set': { tab: 7, wanted: true },
  'incognito/open-settings': { tab: 7 },
  'rivals/turn-off': { tab: 7, ids: ['a'.repeat(32)] },
  'rivals/tolerate': { tab: 7, ids: ['p'.repeat(32)], wanted: true },
  'circuit/another-exit': { tab: 7 },
  'circuit/new-identity': { tab: 7 },
  'held/retry': {},
  'held/another-exit': {},
  'held/end-private': {},
  'page/is-private': {},
  'relays/read': {},
  'relays/set-wishes': { wishes: WISHES },
  'relays/read-begin': {},
  'relays/set-begin': { places: BEGIN },
  'exits/read': { tab: 7 },
  'exits/choose': { tab: 7, choice: { kind: 'operator', region: 'IS', operator: 'elm' } },
  'exits/mark': { tab: 7, region: 'IS', wanted: true },
  'activity/read': {},
  'activity/keep-days': { wanted: false },
  'activity/start-speed': {},
  'activity/cancel-speed': {},
  'sites/read': {},
  'sites/set-rule': { host: 'example.org', mode: 'never' },
  'sites/remove': { host: 'example.org' },
  'sites/import': { rules: [{ host: 'example.org', mode: 'always' }] },
  'held/open-normal': {},
  'held/private-once': {},
  'wallet/status': {},
  'wallet/create': { password: 'p' },
  'wallet/confirm': { words: ['abandon', 'about', 'zoo'] },
  'wallet/import': { source: { kind: 'keystore', json: '{}', password: 'p' }, password: 'p', replace: false },
  'wallet/unlock': { password: 'p' },
  'wallet/lock': {},
  'wallet/export': { password: 'p', account: null },
  'wallet/change-password': { from: 'p', to: 'q' },
  'wallet/add-account': {},
  'wallet/set-paying': { account: '0x9858EfFD232B4033E47d90003D41EC34EcaEda94' },
  'payments/status': { tab: 7, direct: false },
  'payments/ask-deposit': { amount: '2000000' },
  'payments/confirm-deposit': { id: 'a'.repeat(32), renew: false },
  'payments/end-renewal': { id: `0x${'1'.repeat(64)}` },
  'payments/refuse-deposit': {},
  'payments/answer-price': { agree: true },
  'payments/set-limits': { limits: { perDay: '1', perSession: '2', askAbovePerGb: '3' } },
  'payments/find-channels': { direct: false, further: true },
  'payments/use-channel': { id: `0x${'1'.repeat(64)}` },
  'payments/close-channel': { id: `0x${'1'.repeat(64)}` },
  'payments/withdraw': { id: `0x${'1'.repeat(64)}` },
  'settings/read': {},
  'settings/stored': {},
  'settings/wipe': { wallet: false },
  'settings/log': {},
  'settings/set': { change: { appearance: 'dark', language: 'de', auto: 'new-tabs', lockAfter: 1 } },
  'payments/set-rpc': { urls: ['https://rpc.test/', 'http://127.0.0.1:8545/'] },
};

const message = (type: MessageType): Message => ({ type, data: DATA[type] }) as Message;

async function ask(raw: unknown, sender: Sender): Promise<{ reply: unknown; handled: Message[]; reports: unknown[] }> {
  const handled: Message[] = [];
  const reports: unknown[] = [];
  const reply = await answerMessage(raw, sender, {
    build: BUILD,
    handle: async (each) => {
      handled.push(each);
      return 'done';
    },
    report: (error) => reports.push(error),
  });
  return { reply, handled, reports };
}

describe('who may send what', () => {
  for (const type of MESSAGE_TYPES) {
    for (const [name, facts] of Object.entries(SENDERS)) {
      const allowed = ALLOWED[type].includes(name);
      test(`${type} from ${name}: ${allowed ? 'yes' : 'no'}`, async () => {
        const { reply, handled } = await ask(toEnvelope(message(type), BUILD), classifySender(facts, OWN));
        expect(reply).toEqual(allowed ? { ok: true, value: 'done' } : { ok: false, error: 'forbidden' });
        expect(handled).toEqual(allowed ? [message(type)] : []);
      });
    }
  }
});

describe('what is refused', () => {
  const popup: Sender = { kind: 'popup', tab: undefined };
  const refused: [string, unknown, string][] = [
    ['nothing', undefined, 'malformed'],
    ['a message of another version', toEnvelope(message('tab/read'), '1.2.2'), 'stale'],
    ['one without version', message('tab/read'), 'malformed'],
    ['a type that is not in the protocol', { build: BUILD, type: 'tab/steal', data: {} }, 'malformed'],
    ['a type from the prototype', { build: BUILD, type: 'constructor', data: {} }, 'malformed'],
    ['a tab that is text', { build: BUILD, type: 'tab/read', data: { tab: '7' } }, 'malformed'],
    ['tab -1', { build: BUILD, type: 'tab/read', data: { tab: -1 } }, 'malformed'],
    ['a tab of 1.5', { build: BUILD, type: 'tab/read', data: { tab: 1.5 } }, 'malformed'],
    ['a wish that is text', { build: BUILD, type: 'tab/set-private', data: { tab: 7, wanted: 'yes' } }, 'malformed'],
    ['a field too many', { build: BUILD, type: 'tab/read', data: { tab: 7, policy: {} } }, 'malformed'],
    ['an amount with a point', { build: BUILD, type: 'payments/ask-deposit', data: { amount: '2.5' } }, 'malformed'],
    ['an amount that is a number', { build: BUILD, type: 'payments/ask-deposit', data: { amount: 2 } }, 'malformed'],
    [
      'a chain’s server in clear',
      { build: BUILD, type: 'payments/set-rpc', data: { urls: ['http://rpc.test/'] } },
      'malformed',
    ],
    ['a channel that is none', { build: BUILD, type: 'payments/withdraw', data: { id: '0x12' } }, 'malformed'],
    [
      'a country that is none',
      { build: BUILD, type: 'exits/choose', data: { tab: 7, choice: { kind: 'region', region: '<b>' } } },
      'malformed',
    ],
    [
      'an operator that turns the text around',
      {
        build: BUILD,
        type: 'exits/choose',
        data: { tab: 7, choice: { kind: 'operator', region: 'IS', operator: 'a\u202eb' } },
      },
      'malformed',
    ],
    [
      'a choice of exits with a field too many',
      { build: BUILD, type: 'exits/choose', data: { tab: 7, choice: { kind: 'free', circuit: {} } } },
      'malformed',
    ],
    [
      'a mark on no country',
      { build: BUILD, type: 'exits/mark', data: { tab: 7, region: 'Iceland', wanted: true } },
      'malformed',
    ],
    ['a password that is none', { build: BUILD, type: 'wallet/unlock', data: { password: 7 } }, 'malformed'],
    [
      'a password without end',
      { build: BUILD, type: 'wallet/unlock', data: { password: 'x'.repeat(3000) } },
      'malformed',
    ],
    [
      'an account that is no address',
      { build: BUILD, type: 'wallet/export', data: { password: 'p', account: '0x1' } },
      'malformed',
    ],
    [
      'a file that is no keystore by its size',
      {
        build: BUILD,
        type: 'wallet/import',
        data: {
          source: { kind: 'keystore', json: 'x'.repeat(20_000), password: 'p' },
          ...{ password: 'p', replace: false },
        },
      },
      'wallet-keystore-large',
    ],
    [
      'a source of another kind',
      {
        build: BUILD,
        type: 'wallet/import',
        data: { source: { kind: 'words', words: 'a', key: 'b' }, password: 'p', replace: false },
      },
      'malformed',
    ],
    [
      'a wish that is not one of them',
      { build: BUILD, type: 'relays/set-wishes', data: { wishes: { ...WISHES, prefer: ['alder'] } } },
      'malformed',
    ],
    [
      'a region that is none',
      { build: BUILD, type: 'relays/set-wishes', data: { wishes: { ...WISHES, exitRegions: ['Iceland'] } } },
      'malformed',
    ],
    [
      'an address to begin that is none',
      { build: BUILD, type: 'relays/set-begin', data: { places: { ...BEGIN, addresses: ['/dns4/x/udp/1'] } } },
      'begin-not-an-address',
    ],
    [
      'a resolver in clear',
      { build: BUILD, type: 'relays/set-begin', data: { places: { ...BEGIN, resolver: 'http://dns.test/' } } },
      'begin-not-a-resolver',
    ],
    [
      'a setting that there is not',
      { build: BUILD, type: 'settings/set', data: { change: { telemetry: true } } },
      'malformed',
    ],
    ['a lock after no time', { build: BUILD, type: 'settings/set', data: { change: { lockAfter: 0 } } }, 'malformed'],
    [
      'a language of no catalog',
      { build: BUILD, type: 'settings/set', data: { change: { language: '../x' } } },
      'malformed',
    ],
    ['no data', { build: BUILD, type: 'tab/read' }, 'malformed'],
  ];
  for (const [name, raw, error] of refused) {
    test(`${name}: ${error}`, async () => {
      expect((await ask(raw, popup)).reply).toEqual({ ok: false, error });
    });
  }

  test('anything at all is answered, and never by a throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (raw) => {
        const { reply, handled } = await ask(raw, popup);
        expect(reply).toMatchObject({ ok: false });
        expect(handled).toEqual([]);
      }),
    );
  });

  test('a failure of the worker is reported inside and told outside by its code alone', async () => {
    const reports: unknown[] = [];
    const secret = new Error('/home/me: https://bank.test/');
    const reply = await answerMessage(toEnvelope(message('tab/read'), BUILD), popup, {
      build: BUILD,
      handle: () => Promise.reject(secret),
      report: (error) => reports.push(error),
    });
    expect(reply).toEqual({ ok: false, error: 'internal' });
    expect(reports).toEqual([secret]);
  });
});

test('what is valid comes through unchanged', () => {
  for (const type of MESSAGE_TYPES)
    expect(parseEnvelope(toEnvelope(message(type), BUILD), BUILD)).toEqual(message(type));
});

test('a port is a watcher only by its exact name', () => {
  expect(parseWatchPortName(watchPortName(17))).toBe(17);
  for (const name of ['watch:', 'watch:-1', 'watch:1x', 'xwatch:1', 'watch:1\n', '']) {
    expect(parseWatchPortName(name)).toBeUndefined();
  }
});
