// Every view of the extension in every state that looks different: `npm run screens` takes its pictures, and the tests look at each in both themes.
//
// A new view is one line here. `home` draws the popup's first view over a snapshot, `screen` any other view of the popup by its route with what the
// worker answers (by type of message; `new Refusal(code)` for an error), `held`, `check` and `scan` the pages, and `drawing(page, view)` anything else:
//
//   'sites': screen('sites', { 'sites/read': SITES }),
//   'sites-wrong': screen('sites', { 'sites/read': SITES }, click('button.main')),
//
// Names are `<view>-<state>`, and become names of files. Then: `npm run screens -- --update <name>`, look at the pictures, and commit them.

import { decideLines, type Evidence } from '../../../src/core/report/decide-lines.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/state/settings.ts';
import { NO_PAYMENTS } from '../../support/payment-values.ts';
import { Components } from './components.tsx';
import { check, click, drawing, held, home, Refusal, scan, screen, type Story } from './story.tsx';
import * as v from './values.ts';

const PRIVATE = { status: { is: 'private' }, circuit: v.CIRCUIT, privateTabs: 1 } as const;
const RIVALS = [{ id: 'a'.repeat(32), name: 'Other VPN' }];
const WALLET = { 'wallet/status': v.OPEN, 'payments/status': v.PAYMENTS };
const LOCKED = { ...WALLET, 'wallet/status': v.LOCKED };
const QUESTION = { ...v.PAYMENTS, deposit: v.DEPOSIT };
const PRICE = { payee: v.DEPOSIT.payee, pricePerGb: '300000', limitPerGb: '200000' };
const BAD: Evidence = { ...v.GOOD_EVIDENCE, candidates: ['host'], property: null };

export const STORIES: Record<string, Story> = {
  components: drawing('/tests/screens/gallery/components.html', () => <Components />),
  'home-waiting': home(undefined),
  'home-stored-off': home(undefined, undefined, 'off'),
  'home-stored-on': home(undefined, undefined, 'on'),
  'home-off': home({}, v.PAYMENTS),
  'home-off-other-page': home({ site: undefined, canBePrivate: false }, NO_PAYMENTS),
  'home-connecting': home({ status: { is: 'connecting' }, privateTabs: 1 }, v.PAYMENTS),
  'home-private': home({ ...PRIVATE, exitIsForSite: true }, v.PAYMENTS),
  'home-private-strict': home({ ...PRIVATE, scope: 'incognito', misleaders: ['oak'] }, v.PAYMENTS),
  'home-private-deposit': home(PRIVATE, QUESTION),
  'home-refused': home({ ...PRIVATE, trouble: { is: 'refused', times: 4 } }, v.PAYMENTS),
  'home-always': home(
    { ...PRIVATE, siteRule: { host: 'news.example', mode: 'always', isAside: false }, traffic: v.TRAFFIC },
    v.PAYMENTS,
  ),
  'home-blocked': home(
    { status: { is: 'blocked', why: 'entry-unreachable', name: undefined }, privateTabs: 1 },
    v.PAYMENTS,
  ),
  'home-blocked-rival': home(
    { status: { is: 'blocked', why: 'rival', name: 'Other VPN' }, rivals: RIVALS, privateTabs: 1 },
    v.PAYMENTS,
  ),
  'wallet-none': screen('wallet', { ...WALLET, 'wallet/status': { is: 'none' } }),
  'wallet-none-refused': screen(
    'wallet',
    { 'wallet/status': { is: 'none' }, 'wallet/create': new Refusal('wallet-password-short') },
    click('button.main'),
  ),
  'wallet-damaged': screen('wallet', { 'wallet/status': { is: 'damaged', why: 'wallet-damaged' } }),
  'wallet-locked': screen('wallet', LOCKED),
  'wallet-open': screen('wallet', WALLET),
  'wallet-question': screen('wallet/question', { ...WALLET, 'payments/status': QUESTION }),
  'wallet-price': screen('wallet/question', { ...WALLET, 'payments/status': { ...v.PAYMENTS, price: PRICE } }),
  'wallet-confirm': screen('wallet/confirm', { ...WALLET, 'wallet/status': { ...v.OPEN, isConfirmed: false } }),
  'wallet-import': screen('wallet/import', WALLET),
  'wallet-accounts': screen('wallet/accounts', WALLET),
  'wallet-export': screen('wallet/export', WALLET),
  'wallet-words': screen(
    'wallet/export',
    { ...WALLET, 'wallet/export': { kind: 'words', words: v.WORDS } },
    click('button.main'),
  ),
  'wallet-password': screen('wallet/password', WALLET),
  'wallet-find': screen('wallet/find', WALLET),
  'wallet-deposit': screen('wallet/deposit', { ...WALLET, 'payments/ask-deposit': v.DEPOSIT }),
  'wallet-receive': screen('wallet/receive', WALLET),
  'wallet-history': screen('wallet/history', WALLET),
  'wallet-limits': screen('wallet/limits', WALLET),
  'wallet-servers': screen('wallet/servers', WALLET),
  relays: screen('relays', { 'relays/read': v.RELAYS }),
  'relays-none': screen('relays', { 'relays/read': new Refusal('internal') }),
  'relays-begin': screen('relays/begin', { 'relays/read-begin': v.BEGIN }),
  sites: screen('sites', { 'sites/read': v.SITES }),
  'sites-chrome': screen('sites', { 'sites/read': { ...v.SITES, exits: undefined } }),
  'sites-lost': screen('sites', { 'sites/read': { rules: [], isLost: true, exits: v.SITES.exits } }),
  'sites-file': screen('sites/file', { 'sites/read': v.SITES }),
  exits: screen('exits', { 'exits/read': v.EXITS }),
  'exits-refused': screen(
    'exits',
    { 'exits/read': v.EXITS, 'exits/choose': new Refusal('exit-unreachable') },
    click('[data-choice="IS"]'),
  ),
  activity: screen('activity', { 'activity/read': v.ACTIVITY }),
  settings: screen('settings', { 'settings/read': DEFAULT_SETTINGS, 'tab/read': v.HOME }),
  'settings-stored': screen('settings/stored', { 'settings/stored': v.STORED_ITEMS }),
  'settings-wipe': screen('settings/wipe', { 'wallet/status': v.OPEN, 'tab/read': v.HOME }),
  'settings-log': screen('settings/log', { 'settings/log': v.LOG }),
  'settings-shortcuts': screen('settings/shortcuts', {}),
  welcome: screen('welcome', { 'wallet/status': { is: 'none' }, 'settings/read': DEFAULT_SETTINGS }),
  'held-waiting': held({ is: 'waiting', site: 'news.example' }),
  'held-site-down': held({ is: 'site-down', site: 'news.example' }),
  'held-nothing': held({ is: 'nothing' }),
  'check-idle': check({ is: 'idle', anyPrivate: true }),
  'check-good': check({
    ...{ is: 'done', canSave: true, evidence: v.GOOD_EVIDENCE },
    lines: decideLines(v.GOOD_EVIDENCE),
  }),
  'check-problem': check({ is: 'done', canSave: true, evidence: BAD, lines: decideLines(BAD) }),
  'scan-off': scan({}),
  'scan-refused': scan({ camera: 'denied', found: { is: 'no-code' } }),
  'scan-found': scan({
    found: { is: 'address', text: '203.0.113.7:443', address: '203.0.113.7', port: 443 },
  }),
};
