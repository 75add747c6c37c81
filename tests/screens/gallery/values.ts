// What workers say in the pictures: one person's afternoon, the same in each.

import type { DepositQuestion, PaymentStatus } from '../../../src/core/payment/payment-status.ts';
import { NO_WISHES } from '../../../src/core/circuit/relay-wishes.ts';
import { CIRCUIT_CHECK_ADDRESS } from '../../../src/core/circuit/circuit-check.ts';
import type { RelaysView } from '../../../src/core/circuit/relays-view.ts';
import type { BeginView } from '../../../src/core/directory/begin-news.ts';
import type { Evidence } from '../../../src/core/report/decide-lines.ts';
import type { LogEntry } from '../../../src/core/state/debug-log.ts';
import type { StoredItem } from '../../../src/core/state/stored-list.ts';
import type { ActivityView } from '../../../src/core/activity/activity-view.ts';
import type { ExitsView } from '../../../src/core/circuit/exits-view.ts';
import type { SitesView } from '../../../src/messages/protocol.ts';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';
import type { WalletStatus } from '../../../src/core/wallet/wallet-status.ts';
import { labelOfKey } from '../../../src/core/directory/peer-key.ts';
import { CHANNEL, NO_PAYMENTS, QUESTION } from '../../support/payment-values.ts';

const HOUR_MS = 3_600_000;
/** 2026-11-23 10:00 UTC: the clock of every picture (scripts/screens/gallery.ts). */
const NOW = 1_795_428_000_000;

export const ALDER = { operator: 'alder', region: 'NL' };
export const BIRCH = { operator: 'birch', region: 'IS' };

export const HOME: PopupSnapshot = {
  ...{ tab: 1, site: 'news.example', exitIsForSite: false, canBePrivate: true },
  status: { is: 'off' },
  ...{ circuit: undefined, scope: 'tab', incognito: { isAllowed: true, isWanted: false } },
  ...{ offersContainers: true, privateTabs: 0, rivals: [], tolerated: [], misleaders: [], trouble: undefined },
  siteRule: { host: 'news.example', mode: undefined, isAside: false },
};

export const CIRCUIT: PopupSnapshot['circuit'] = {
  entry: { ...ALDER, ms: 21 },
  exit: { ...BIRCH, ms: 48 },
};

export const TRAFFIC = { bytes: 5_300_000, cost: '530' };

export const SITES: SitesView = {
  rules: [
    { host: 'bank.example', mode: 'never' },
    { host: 'clinic.example', mode: 'always', exit: 'IS' },
    { host: 'radio.example', mode: 'exit', exit: 'CH' },
    { host: 'www.library.example', mode: 'always' },
    { host: 'xn--bcher-kva.example', mode: 'always' },
  ],
  isLost: false,
  exits: ['CH', 'IS', 'NL'],
};

export const EXITS: ExitsView = {
  ...{ isForSite: true, site: 'news.example', isPrivate: true, choice: { kind: 'region', region: 'NL' } },
  now: { region: 'NL', operator: 'cedar' },
  places: [
    { region: 'CH', all: 4, exits: 3, operators: [{ name: 'douglas', relays: 3 }], moreOperators: 0 },
    { region: 'IS', all: 2, exits: 2, operators: [{ name: 'birch', relays: 2 }], moreOperators: 0 },
    {
      ...{ region: 'NL', all: 9, exits: 7, moreOperators: 0 },
      operators: [
        { name: 'cedar', relays: 5 },
        { name: 'elm', relays: 2 },
      ],
    },
  ],
  ...{ free: 2, standing: 3, favourites: ['IS'], recent: [{ kind: 'region', region: 'CH' }] },
};

export const ACTIVITY: ActivityView = {
  seconds: Array.from({ length: 60 }, (_, second) => Math.round(200_000 + 180_000 * Math.sin(second / 5))),
  keepsDays: true,
  days: Array.from({ length: 30 }, (_, day) => ({
    ...{ day: 20_751 + day, bytes: 1_000_000 * ((day * 37) % 90), spent: String(100 * ((day * 37) % 90)) },
  })),
  tabs: [{ tab: 1, ...TRAFFIC }],
  hops: [{ entry: ALDER, exits: ['birch'], bytes: 5_300_000, atEntry: '170', atExit: '360' }],
  price: { perMib: '105', freeBytes: 180_000_000 },
  speed: { is: 'done', run: 'r', latencyMs: 48, downBitsPerSecond: 84_000_000, upBitsPerSecond: 31_000_000 },
  currency: { symbol: 'USDC', decimals: 6 },
};

export const STORED_ITEMS: StoredItem[] = [
  { key: 'settings', about: 'settings_cell_settings', area: 'local', secret: false, bytes: 120 },
  { key: 'vault', about: 'settings_cell_vault', area: 'local', secret: true, bytes: 2300 },
  { key: 'tabs', about: 'settings_cell_tabs', area: 'session', secret: false, bytes: 410 },
];

export const LOG: LogEntry[] = [
  { at: NOW - 60_000, event: 'started', code: 'tab' },
  { at: NOW - 30_000, event: 'circuit', code: 'verified' },
];

const ACCOUNT = '0x9858EfFD232B4033E47d90003D41EC34EcaEda94';
const OTHER = '0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0';

export const OPEN: WalletStatus = {
  is: 'open',
  accounts: [
    { address: ACCOUNT, kind: 'derived' },
    { address: OTHER, kind: 'key' },
  ],
  ...{ paying: ACCOUNT, isConfirmed: true, asked: [2, 6, 10], locksAt: NOW + HOUR_MS, wasRestored: false },
};
export const LOCKED: WalletStatus = { is: 'locked', tryAgainAt: undefined };

export const WORDS = [
  ...['legal', 'winner', 'thank', 'year', 'wave', 'sausage'],
  ...['worth', 'useful', 'legal', 'winner', 'thank', 'yellow'],
];

export const PAYMENTS: PaymentStatus = {
  ...NO_PAYMENTS,
  account: ACCOUNT,
  balance: { is: 'known', amount: '12500000', readAt: NOW },
  entry: { peer: 'k51birch', operator: 'birch', pricePerGb: '100000', minDeposit: '1000000', freeBytes: 180_000_000 },
  tab: { bytes: 24_300_000, cost: '2430' },
  ...{ today: { bytes: 412_000_000, cost: '41200' }, session: { cost: '43600' } },
  channels: [
    CHANNEL,
    {
      ...CHANNEL,
      ...{ id: `0x${'c5'.repeat(32)}`, payee: { peer: 'k51cedar', operator: 'cedar' }, state: 'withdrawing' },
      refundAt: NOW + 5 * HOUR_MS,
    },
  ],
  history: [
    { at: NOW - HOUR_MS, kind: 'deposit', operator: 'birch', amount: '5000000', txHash: `0x${'ab'.repeat(32)}` },
    { at: NOW - 30 * HOUR_MS, kind: 'refund', operator: 'cedar', amount: '1200000', txHash: null },
    { at: NOW - 60 * HOUR_MS, kind: 'failed', operator: 'cedar', amount: '2000000', txHash: null },
  ],
};

export const DEPOSIT: DepositQuestion = {
  ...QUESTION,
  ...{ amount: '2000000', message: { ...QUESTION.message, value: '2000000' } },
};

export const RELAYS: RelaysView = {
  wishes: { ...NO_WISHES, exitRegions: ['IS'], avoid: ['oak'] },
  exitRegions: [
    { name: 'DE', relays: 12 },
    { name: 'IS', relays: 2 },
    { name: 'NL', relays: 7 },
    { name: 'SE', relays: 4 },
  ],
  entryRegions: [
    { name: 'CH', relays: 3 },
    { name: 'NL', relays: 4 },
  ],
  operators: [
    { name: 'alder', relays: 3 },
    { name: 'birch', relays: 5 },
    { name: 'oak', relays: 2 },
  ],
  moreOperators: 0,
  ...{ all: { entries: 7, exits: 25 }, free: { entries: 1, exits: 2 }, fitting: { entries: 6, exits: 2 } },
};

export const BEGIN: BeginView = {
  places: { addresses: [], names: ['relays.example.org'], resolver: 'https://dns.example.net/dns-query' },
  news: [{ source: 'names', told: 14, answered: 3, error: undefined }],
};

const key = (byte: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(byte);
const [ENTRY_PEER, EXIT_PEER] = [labelOfKey(key(1)), labelOfKey(key(2))];

/** Of a check that found nothing wrong. */
export const GOOD_EVIDENCE: Evidence = {
  circuits: [{ exit: EXIT_PEER, entry: ENTRY_PEER }],
  dnsHost: 'a1b2c3.circuit.conet.internal',
  statements: Object.fromEntries(
    (
      [
        ['name', 'a1b2c3.circuit.conet.internal'],
        ['address', `[${CIRCUIT_CHECK_ADDRESS}]`],
        ['worker', 'w.circuit.conet.internal'],
        ['shared-worker', 's.circuit.conet.internal'],
        ['extension', 'e.circuit.conet.internal'],
      ] as const
    ).map(([purpose, host]) => [purpose, statement(host)]),
  ),
  ...{ candidates: [], property: true },
};

function statement(host: string): NonNullable<Evidence['statements']['name']> {
  return {
    ...{ peer: EXIT_PEER, nonce: '0'.repeat(64), time: NOW, host, form: 'absolute', version: 'h2' },
    ...{ entry: ENTRY_PEER, source4: '203.0.113.7', source6: '2001:db8::7', gpc: true },
  };
}
