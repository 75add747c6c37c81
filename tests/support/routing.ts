// Policies and hosts for the properties of routing: a small pool of names made to fool suffix rules, so that policies and requests meet.

import fc from 'fast-check';
import { checkHostOf } from '../../src/core/circuit/circuit-check.ts';
import type { RoutingPolicy, SiteRoutes } from '../../src/core/routing/policy.ts';

export const NOW = 1_800_000_000_000;
export const CIRCUIT = {
  host: '192-0-2-1.k51qzi5uqu5dh9ihj4p2v5sl3hxvv27ryx2w0xrsv6jmmqi91t9xp8p9kaipc0.zone.test',
  port: 7443,
};

export const SPARE = {
  host: '192-0-2-7.k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8.zone.test',
  port: 443,
};
/** A circuit that is being checked and may carry nothing else. */
export const TRIAL = {
  host: '192-0-2-7.k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r.zone.test',
  port: 7443,
};

/** Names of the public web, with traps: suffixes without a dot between, domains inside others, public suffixes, punycode. */
export const PUBLIC_HOSTS = [
  ...['example.com', 'www.example.com', 'a.b.example.com', 'evil-example.com', 'example.com.evil.net', 'xample.com'],
  ...['evil.net', 'com.evil.net', 'co.uk', 'shop.co.uk', 'xn--bcher-kva.example', 'www.xn--bcher-kva.example'],
  ...[
    'under_score.example.com',
    'news.test',
    'cdn.news.test',
    'localhost.example.com',
    'local.example',
    '10.example.com',
  ],
  ...['accounts.google.com', 'google.com', 'update.googleapis.com', 'aus5.mozilla.org', 'x.aus5.mozilla.org'],
  ...['1.2.3.4.example', 'internal.example', 'mylocalhost.com', 'xlocal.com', '127.0.0.1.evil.net'],
];
export const PUBLIC_ADDRESSES = [
  '93.184.216.34',
  '172.32.0.1',
  '100.128.0.1',
  '192.169.1.1',
  '[2606:2800:220:1::1]',
  '[3fff::1]',
];
export const LOCAL_NAMES = [
  'localhost',
  'app.localhost',
  'nas',
  'printer.local',
  'git.internal',
  'router.home.arpa',
  'a.lan',
];
export const LOCAL_ADDRESSES = [
  ...[
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '172.16.0.1',
  ],
  ...['172.31.255.255', '192.168.0.1', '198.19.0.1', '224.0.0.251', '255.255.255.255'],
  ...[
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fd00::1]',
    '[::ffff:a00:1]',
    '[64:ff9b::1]',
    '[ff02::1]',
    '[2::1]',
    '[20::3]',
    '[300::1]',
  ],
];
export const RELAY_HOSTS = ['192-0-2-1.k51entry.zone.test', '192-0-2-7.k51entry.relays.zone.example'];
export const RELAY_ZONES = ['zone.test', 'relays.zone.example'];
/** Names that lead to one circuit, and names that only look so. */
export const ONE_CIRCUIT_HOSTS = [
  ...[CIRCUIT, SPARE, TRIAL].map(({ host }) => checkHostOf(host)),
  ...['at.circuit.conet.internal', 'x.at.circuit.conet.internal', `x.${checkHostOf(CIRCUIT.host)}`],
  `${checkHostOf(CIRCUIT.host)}.`,
];
export const CHECK_HOSTS = ['circuit.conet.internal', 'sub.circuit.conet.internal'];

export const ALL_HOSTS = [
  ...PUBLIC_HOSTS,
  ...PUBLIC_ADDRESSES,
  ...LOCAL_NAMES,
  ...LOCAL_ADDRESSES,
  ...RELAY_HOSTS,
  ...RELAY_ZONES,
  ...CHECK_HOSTS,
  ...ONE_CIRCUIT_HOSTS,
  ...[
    'zone.test.evil.net',
    'evilzone.test',
    'other.zone.test',
    'zone.example',
    'conet.internal',
    'xcircuit.conet.internal',
    'a.xlocal',
    'a.mylan',
    'x.arpa',
  ],
];

export const poolHost = fc.constantFrom(...ALL_HOSTS);

/** Hosts as a URL parser writes them: from the pool, beside it, or anything. */
export const canonicalHost = fc
  .oneof(
    poolHost,
    fc.tuple(fc.constantFrom('www.', 'x', '-', 'evil.', '1.'), poolHost).map(([before, host]) => before + host),
    fc.tuple(poolHost, fc.constantFrom('.', '.evil.net', 'x', '.com')).map(([host, after]) => host + after),
    fc.domain(),
    fc.ipV4Extended(),
    fc.ipV6().map((address) => `[${address}]`),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  )
  .map((text) => (URL.canParse(`https://${text}/`) ? new URL(`https://${text}/`).hostname : undefined))
  .filter((host) => host !== undefined);

export const CONTAINERS = ['firefox-container-7', 'firefox-container-8'];

const somePoolHosts = fc.uniqueArray(poolHost, { maxLength: 6 });
const tabs = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 4 });

/** Some of them lead to circuits that there are not: the first is used then. */
const siteRoutes: fc.Arbitrary<SiteRoutes> = fc.record({
  secret: fc.constant('0123456789abcdef0123456789abcdef'),
  slots: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 4 }),
  own: fc.dictionary(poolHost, fc.nat({ max: 2 }), { maxKeys: 3 }),
});

export const activePolicy: fc.Arbitrary<RoutingPolicy> = fc.record({
  active: fc.constant(true),
  byTab: fc.constant(true),
  incognitoWholly: fc.boolean(),
  incognitoTabs: fc.constant([]),
  incognitoHosts: somePoolHosts,
  containers: fc.subarray(CONTAINERS),
  privateTabs: tabs,
  normalTabs: tabs,
  privateHosts: somePoolHosts,
  normalHosts: somePoolHosts,
  circuits: fc.subarray([CIRCUIT, SPARE]),
  sites: fc.option(siteRoutes, { nil: undefined }),
  checked: fc.subarray([CIRCUIT, SPARE, TRIAL]),
  identity: fc.nat({ max: 3 }),
  relayHosts: fc.subarray(RELAY_HOSTS),
  relayZones: fc.subarray(RELAY_ZONES),
  siteRules: fc.constant([]),
  rulesAside: fc.constant([]),
  tolerated: fc.constant([]),
  directUntil: fc.constantFrom(NOW - 1, NOW, NOW + 1),
});

/** Tabs of incognito windows in the policies below; no normal or private tab of a normal window has their numbers. */
export const INCOGNITO_TABS = [11, 12];

/** Policies in which incognito is private as a whole, with or without private tabs in normal windows. */
export const incognitoPolicy: fc.Arbitrary<RoutingPolicy> = fc
  .tuple(activePolicy, fc.boolean(), fc.subarray(INCOGNITO_TABS))
  .map(([policy, byTab, incognitoTabs]) => ({
    ...policy,
    byTab,
    incognitoWholly: true,
    incognitoTabs,
    privateTabs: [...(byTab ? policy.privateTabs : []), ...incognitoTabs],
  }));

/** A policy with one tab of each kind and nothing else to say. */
export const plainPolicy: RoutingPolicy = {
  active: true,
  byTab: true,
  incognitoWholly: false,
  incognitoTabs: [],
  incognitoHosts: [],
  containers: [],
  privateTabs: [1],
  normalTabs: [2],
  privateHosts: ['private.example'],
  normalHosts: ['normal.example'],
  circuits: [CIRCUIT],
  sites: undefined,
  checked: [CIRCUIT],
  identity: 0,
  relayHosts: [...RELAY_HOSTS.slice(0, 1)],
  relayZones: RELAY_ZONES,
  siteRules: [],
  rulesAside: [],
  tolerated: [],
  directUntil: NOW + 60_000,
};
