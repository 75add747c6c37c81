import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { CONFIG_TEMPLATE } from '../../../relay/cli/config-template.ts';
import { listenAddresses } from '../../../relay/config/listen.ts';
import { ConfigError, loadConfig, parseConfig } from '../../../relay/config/load.ts';
import { formatHostPort, parseHostPort } from '../../../relay/config/schema.ts';

const PEER = '12D3KooWJSG3xVB11FuVSTVheiAqGjguuscwhrhWi6FPyYrmsfQW';
const certificate = { files: { key: 'k.pem', chain: 'c.pem' } };
const good = {
  identity: './relay.key',
  operator: 'family',
  region: 'DE',
  entry: { tunnels: '127.0.0.1:7443', libp2p: '[::1]:7401', certificate },
  exit: { entries: [`/ip4/127.0.0.1/tcp/7401/p2p/${PEER}`], certificate },
};

function linesOf(value: unknown, overrides = {}): readonly string[] {
  try {
    parseConfig(typeof value === 'string' ? value : stringify(value), 'relay.yaml', overrides);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
  return [];
}

/** A section of the example that is commented out, read as what it would be. */
function sectionOf(example: string, name: string): object {
  const lines = example.split('\n');
  const first = lines.findIndex((line) => line.trim().startsWith(`# ${name}:`));
  const margin = lines[first]?.indexOf('#') ?? 0;
  const isOne = (line: string): boolean => line.startsWith('#', margin) && line.slice(0, margin).trim() === '';
  const rest = lines.slice(first);
  const end = rest.findIndex((line, at) => at > 0 && !(isOne(line) && line.startsWith('#   ', margin)));
  const text = rest.slice(0, end).map((line) => line.slice(margin + 2));
  return parse(text.join('\n').replace('12D3KooW...', PEER)) as object;
}

describe('a good configuration', () => {
  test('gets its defaults, mail ports closed and no private range open', () => {
    const config = parseConfig(stringify(good), 'relay.yaml');
    expect(config.log.level).toBe('info');
    expect(config.exit?.destinations).toEqual({ allow: [], denyPorts: [25, 465, 587] });
    expect(config.entry?.libp2p).toEqual([{ host: '::1', port: 7401 }]);
  });

  test('the documented example is one, once a real peer id stands in it', () => {
    const example = readFileSync(resolve(import.meta.dirname, '../../../docs/relay-config.example.yaml'), 'utf8');
    expect(linesOf(example.replace('12D3KooW...', PEER))).toEqual([]);
  });

  test('what the example has commented out is right as well', () => {
    const example = readFileSync(resolve(import.meta.dirname, '../../../docs/relay-config.example.yaml'), 'utf8');
    expect(linesOf({ ...good, entry: { ...good.entry, ...sectionOf(example, 'web') } })).toEqual([]);
    const reached = { addresses: ['192.0.2.1'], zone: 'relays.example', zoneRelay: `k51${'a'.repeat(59)}` };
    const directory = sectionOf(example, 'directory');
    expect(directory).toHaveProperty('directory.payee.network');
    expect(linesOf({ ...good, public: reached, ...directory })).toEqual([]);
  });

  test('what init writes is one, with its comments taken out too', () => {
    expect(linesOf(CONFIG_TEMPLATE)).toEqual([]);
    const exit = CONFIG_TEMPLATE.replaceAll(/^# (exit:|payments:| {2})/gm, '$1').replace('12D3KooW...', PEER);
    expect(exit).toMatch(/^exit:$/m);
    expect(exit).toMatch(/^payments:/m);
    expect(linesOf(exit)).toEqual([]);
  });

  test('flags win over the file', () => {
    const config = parseConfig(stringify(good), 'f', {
      logLevel: 'debug',
      tunnels: '10.0.0.1:0',
      libp2p: '10.0.0.1:2',
    });
    expect(config.log.level).toBe('debug');
    expect(config.entry?.tunnels).toEqual([{ host: '10.0.0.1', port: 0 }]);
    expect(config.entry?.libp2p).toEqual([{ host: '10.0.0.1', port: 2 }]);
    const { entry } = parseConfig(stringify(good), 'f', { tunnels: '0.0.0.0:443, [::]:443' });
    expect(entry?.tunnels).toEqual(['0.0.0.0', '::'].map((host) => ({ host, port: 443 })));
  });
});

describe('several addresses to listen on', () => {
  const { exit: _, ...common } = good;
  const withEntry = (entry: object, more: object = {}) => ({ ...common, ...more, entry: { ...good.entry, ...entry } });
  const payments = { network: 'base', rpc: ['https://rpc.example'], key: './payment.key', leasePorts: [7444] };
  const reached = { addresses: ['192.0.2.1'], zone: 'relays.example' };

  test('a list may have IPv4, IPv6 and several ports; beside IPv4, [::] is IPv6 alone', () => {
    const both = ['0.0.0.0:443', '[::]:443'];
    const { entry } = parseConfig(stringify(withEntry({ tunnels: both, libp2p: ['127.0.0.1:1', '127.0.0.1:2'] })), 'f');
    expect(listenAddresses(entry!.tunnels).map(({ ipv6Only }) => ipv6Only)).toEqual([false, true]);
    expect(listenAddresses([{ host: '::', port: 443 }])).toEqual([{ host: '::', port: 443, ipv6Only: false }]);
    expect(entry!.libp2p).toHaveLength(2);
    expect(linesOf(withEntry({ tunnels: both }, { payments, public: reached }))).toEqual([]);
    expect(linesOf(withEntry({ tunnels: Array.from({ length: 16 }, (_, at) => `127.0.0.1:${at + 1}`) }))).toEqual([]);
  });

  test.each<[string, object, object, RegExp]>([
    ['none', { tunnels: [] }, {}, /entry\.tunnels: must name at least one/],
    [
      '17',
      { tunnels: Array.from({ length: 17 }, (_, at) => `127.0.0.1:${at + 1}`) },
      {},
      /entry\.tunnels: must name at most 16/,
    ],
    ['one that is none', { libp2p: ['127.0.0.1:1', 'x:2'] }, {}, /entry\.libp2p\.1: must be <address>/],
    ['one twice', { tunnels: ['127.0.0.1:1', '127.0.0.1:1'] }, {}, /entry\.tunnels: names 127\.0\.0\.1:1 twice/],
    ['one twice, spelt twice', { tunnels: ['[::1]:1', '[0::1]:1'] }, {}, /entry\.tunnels: names \[0::1\]:1 twice/],
    [
      'one that another has in it',
      { libp2p: ['127.0.0.1:1', '0.0.0.0:1'] },
      {},
      /entry\.libp2p: names 127\.0\.0\.1:1, which 0\.0\.0\.0:1 listens on already/,
    ],
    ['port 0 in a list', { tunnels: ['127.0.0.1:0', '[::1]:0'] }, {}, /entry\.tunnels: has port 0 in a list/],
    [
      'other ports at other addresses, where they are paid for',
      { tunnels: ['127.0.0.1:1', '[::1]:2'] },
      { payments },
      /needs the same ports/,
    ],
    [
      'two ports, and none that others come to',
      { tunnels: ['127.0.0.1:1', '127.0.0.1:2'] },
      { public: reached },
      /`public\.tunnelPort` has to say/,
    ],
    [
      'likewise of libp2p',
      { libp2p: ['127.0.0.1:1', '[::1]:2'] },
      { public: reached },
      /`public\.libp2pPort` has to say/,
    ],
    [
      'a port of leases that is one of the second address',
      { tunnels: ['127.0.0.1:1', '127.0.0.1:7444'] },
      { payments },
      /names the port of `entry\.tunnels`/,
    ],
    [
      'a web server that is the second address',
      { tunnels: ['127.0.0.1:1', '[::1]:1'], web: { address: '[::1]:1' } },
      {},
      /leads back to the relay/,
    ],
  ])('%s is refused', (_, entry, more, line) => {
    expect(linesOf(withEntry(entry, more))).toEqual([expect.stringMatching(line)]);
  });
});

describe('payments', () => {
  const payments = { network: 'base', rpc: ['https://rpc.example/key-123'], key: './payment.key' };
  const read = (section: object, more = {}) => parseConfig(stringify({ ...good, ...more, payments: section }), 'f');

  test('left out, nothing is counted', () => {
    expect(parseConfig(stringify(good), 'f').payments).toBeUndefined();
  });

  test('three keys are enough: the rest are prices and a quota that an operator can live with', () => {
    expect(read(payments).payments).toEqual({
      ...payments,
      prices: { entryPerMiB: 32n, exitPerMiB: 73n },
      minDeposit: 1_000_000n,
      incrementMiB: 64,
      freeMiBPerDay: 50,
      transitDeposit: 1_000_000n,
      transitMost: 20_000_000n,
      transitIdleHours: 168,
      leasePorts: [],
    });
  });

  test('a server of this machine may be asked without TLS, a distant one may not', () => {
    for (const url of ['http://127.0.0.1:8545', 'http://localhost:1', 'http://[::1]:8545', 'http://10.1.2.3:8545']) {
      expect(read({ ...payments, rpc: [url] }).payments?.rpc).toEqual([url]);
    }
    for (const url of ['http://rpc.example/t0ken', 'ws://127.0.0.1:1', 'http://192.0.2.1/t0ken', 't0ken']) {
      const [line, ...more] = linesOf({ ...good, payments: { ...payments, rpc: [url] } });
      expect(more).toEqual([]);
      expect(line).toMatch(/payments\.rpc\.0: must be an https URL/);
      expect(line).not.toContain('t0ken');
    }
  });

  test('the ledger stands in either place, absolute, and in one of them only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    const path = join(folder, 'relay.yaml');
    const ledgerOf = async (value: object): Promise<string | undefined> => {
      writeFileSync(path, stringify({ ...good, ...value }));
      return (await loadConfig(path)).ledger;
    };
    expect(await ledgerOf({})).toBeUndefined();
    expect(await ledgerOf({ payments })).toBe(join(folder, 'data/ledger.db'));
    expect(await ledgerOf({ payments, ledger: 'a.db' })).toBe(join(folder, 'a.db'));
    expect(await ledgerOf({ payments: { ...payments, ledger: 'b.db' } })).toBe(join(folder, 'b.db'));
    expect((await loadConfig(path)).payments?.key).toBe(join(folder, 'payment.key'));
    rmSync(folder, { recursive: true });
    const both = { ...good, ledger: 'a.db', payments: { ...payments, ledger: 'b.db' } };
    expect(linesOf(both)).toEqual([expect.stringContaining('two ledgers')]);
  });

  test.each<[string, object, RegExp]>([
    ['a misspelt key', { prize: 1 }, /payments\.prize: unknown key/],
    ['a network that is none', { network: 'mainnet' }, /payments\.network: /],
    ['no server', { rpc: [] }, /payments\.rpc: must name at least one/],
    ['a price below nothing', { prices: { exitPerMiB: -1 } }, /payments\.prices\.exitPerMiB: /],
    ['a price that no double holds', { prices: { exitPerMiB: 0.5 } }, /payments\.prices\.exitPerMiB: /],
    ['a deposit as text', { minDeposit: '1' }, /payments\.minDeposit: /],
    ['a port twice', { leasePorts: [1, 1] }, /payments\.leasePorts: names a port twice/],
    ['the port of the tunnels', { leasePorts: [7443] }, /names the port of `entry.tunnels`/],
  ])('%s', (_, section, line) => {
    const lines = linesOf({ ...good, payments: { ...payments, ...section } });
    expect(lines).toEqual([expect.stringMatching(line)]);
  });

  test('an exit has no lease ports', () => {
    const { entry: _, ...exit } = good;
    expect(linesOf({ ...exit, payments: { ...payments, leasePorts: [1] } })).toEqual([
      expect.stringContaining('for a relay with the role `entry`'),
    ]);
  });
});

describe('a web server at the port of the tunnels', () => {
  const withWeb = (web: object, entry: object = {}) => ({ ...good, entry: { ...good.entry, ...entry, web } });
  const address = '127.0.0.1:8443';

  test('needs an address and no more', () => {
    const { entry } = parseConfig(stringify(withWeb({ address })), 'f');
    expect(entry?.web).toEqual({ address: { host: '127.0.0.1', port: 8443 }, proxyProtocol: false });
    expect(linesOf(withWeb({ address, names: ['example.org', '*.example.org'], proxyProtocol: true }))).toEqual([]);
    // The same port of another machine, or of another address of this one.
    expect(linesOf(withWeb({ address: '127.0.0.2:7443' }))).toEqual([]);
    expect(linesOf(withWeb({ address: '192.0.2.9:7443' }, { tunnels: '0.0.0.0:7443' }))).toEqual([]);
  });

  test.each<[string, object, object, RegExp]>([
    ['a host name', { address: 'localhost:8443' }, {}, /entry\.web\.address: must be <address>/],
    ['no port', { address: '127.0.0.1:0' }, {}, /entry\.web\.address: must name the port/],
    ['an empty list', { address, names: [] }, {}, /entry\.web\.names: must name at least one/],
    ['a name in capitals', { address, names: ['A.example'] }, {}, /entry\.web\.names\.0: must be a domain name/],
    ['a star alone', { address, names: ['*'] }, {}, /entry\.web\.names\.0: must be a domain name/],
    ['a star inside', { address, names: ['a.*.example'] }, {}, /entry\.web\.names\.0: must be a domain name/],
    ['the relay itself', { address: '127.0.0.1:7443' }, {}, /leads back to the relay/],
    ['the relay, mapped', { address: '[::ffff:127.0.0.1]:7443' }, {}, /leads back to the relay/],
    ['the relay by loopback', { address: '127.0.0.9:443' }, { tunnels: '0.0.0.0:443' }, /leads back to the relay/],
    ['the relay by IPv6', { address: '[::1]:443' }, { tunnels: '[::]:443' }, /leads back to the relay/],
  ])('%s is refused', (_, web, entry, line) => {
    expect(linesOf(withWeb(web, entry))).toEqual([expect.stringMatching(line)]);
  });

  test('a port of leases leads back too', () => {
    const payments = { network: 'base', rpc: ['https://rpc.example'], key: './payment.key', leasePorts: [7444] };
    const lines = linesOf({ ...withWeb({ address: '127.0.0.1:7444' }), payments });
    expect(lines).toEqual([expect.stringContaining('leads back to the relay')]);
  });
});

describe('a wrong configuration is told in one line for each thing, with its place', () => {
  const { entry, exit, ...common } = good;
  test.each<[string, unknown, RegExp]>([
    ['no YAML', 'a: [', /^relay\.yaml: /],
    ['an empty file', '', /holds no configuration/],
    ['a list', '[1]', /holds no configuration/],
    ['a misspelt key', { ...good, entryy: entry }, /entryy: unknown key/],
    [
      'a misspelt key deep inside',
      { ...good, exit: { ...exit, destinations: { deny_ports: [25] } } },
      /exit\.destinations\.deny_ports: unknown key/,
    ],
    ['no role', common, /needs `entry`, `exit` or `zone`/],
    ['no operator', { ...good, operator: undefined }, /operator: is missing/],
    ['a region in lower case', { ...good, region: 'de' }, /region: must be an ISO 3166/],
    [
      'a host name to listen on',
      { ...good, entry: { ...entry, tunnels: 'localhost:443' } },
      /entry\.tunnels: must be <address>:<port>/,
    ],
    ['a port out of range', { ...good, entry: { ...entry, tunnels: '127.0.0.1:70000' } }, /entry\.tunnels: must be/],
    [
      'an entry without its peer id',
      { ...good, exit: { ...exit, entries: ['/ip4/127.0.0.1/tcp/1'] } },
      /exit\.entries\.0: must be a multiaddr/,
    ],
    ['no entries', { ...good, exit: { ...exit, entries: [] } }, /exit\.entries: must name at least one/],
    [
      'a range that is none',
      { ...good, exit: { ...exit, destinations: { allow: ['10.0.0.0'] } } },
      /exit\.destinations\.allow\.0: must be a range/,
    ],
    ['a source that is a name', { ...good, exit: { ...exit, source: 'eth0' } }, /exit\.source: must be an IP address/],
    ['a level that is none', { ...good, log: { level: 'loud' } }, /log\.level: /],
  ])('%s', (_, value, line) => {
    const lines = linesOf(value);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
    expect(lines[0]).not.toContain('\n');
  });

  test('two mistakes are two lines', () => {
    expect(linesOf({ ...good, region: 'x', operator: 'a b' })).toHaveLength(2);
  });

  test('flags for an entry on a relay that is none', () => {
    expect(linesOf({ ...common, exit }, { tunnels: '127.0.0.1:1' })).toEqual([expect.stringContaining('--tunnels')]);
  });
});

test('every address and port reads back as it was written', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 65_535 }), (host, port) => {
      expect(parseHostPort(formatHostPort({ host, port }))).toEqual({ host, port });
    }),
  );
  for (const text of [
    '',
    ':1',
    '1.2.3.4',
    '1.2.3.4:',
    '1.2.3:4',
    '::1:80',
    '[1.2.3.4]:80',
    '1.2.3.4:65536',
    ' 1.2.3.4:1',
  ]) {
    expect(parseHostPort(text)).toBeUndefined();
  }
});

describe('what an operator holds', () => {
  const signer = `k51${'a'.repeat(59)}`;

  test('limits have what held before there were any, and no bandwidth is limited', () => {
    const { limits, operations, contact, exit } = parseConfig(stringify(good), 'relay.yaml');
    expect(limits).toEqual({
      ...{ connections: 20_000, connectionsPerSource: 2048, tunnelsPerLease: 2048, bandwidthKiB: {} },
      perPrefix: { ipv4: 24, ipv6: 48, connections: 8192 },
      newPerSecond: { source: 10, prefix: 25 },
    });
    expect([operations, contact, exit?.blockLists]).toEqual([undefined, undefined, []]);
  });

  test('the sections of the example that are commented out are right as well', () => {
    const example = readFileSync(resolve(import.meta.dirname, '../../../docs/relay-config.example.yaml'), 'utf8');
    expect(sectionOf(example, 'operations')).toHaveProperty('operations.listen');
    expect(sectionOf(example, 'blockLists')).toHaveProperty('blockLists.0.signer');
    const more = { ...sectionOf(example, 'operations'), ...sectionOf(example, 'contact') };
    expect(linesOf({ ...good, ...more, exit: { ...good.exit, ...sectionOf(example, 'blockLists') } })).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ['0.0.0.0 without a word', { operations: { listen: '0.0.0.0:9464' } }, /other machines may reach/],
    ['a public address without a word', { operations: { listen: '192.0.2.1:9464' } }, /other machines may reach/],
    ['[::] without a word', { operations: { listen: '[::]:9464' } }, /other machines may reach/],
    ['a prefix of nobody', { limits: { perPrefix: { ipv4: 33 } } }, /limits\.perPrefix\.ipv4/],
    ['a bandwidth of bytes', { limits: { bandwidthKiB: { total: 1 } } }, /limits\.bandwidthKiB\.total/],
    ['an unknown limit', { limits: { bandwidthKiB: { all: 100 } } }, /limits\.bandwidthKiB\.all: unknown key/],
    ['no memory', { limits: { memoryMiB: 1 } }, /limits\.memoryMiB/],
    ['a contact that is none', { contact: { abuse: 'me' } }, /contact\.abuse: must be a mail address or an https URL/],
    ['a contact in clear', { contact: { abuse: 'http://example.org/' } }, /contact\.abuse/],
    ['two lines', { contact: { abuse: 'a@example.org', note: 'a\nb' } }, /contact\.note/],
    ['a list of nobody', { exit: { ...good.exit, blockLists: [{ file: 'a', signer: 'me' }] } }, /must be a peer id/],
    ['a list without a signer', { exit: { ...good.exit, blockLists: [{ file: 'a' }] } }, /signer: is missing/],
    ['a list twice', { exit: { ...good.exit, blockLists: [1, 2].map(() => ({ file: 'a', signer })) } }, /a file twice/],
    ['no rate', { exit: { ...good.exit, destinations: { perSecond: 0 } } }, /exit\.destinations\.perSecond/],
  ])('%s', (_what, more, said) => expect(linesOf({ ...good, ...more }).join('\n')).toMatch(said));

  test('loopback needs no word, and others are had with one', () => {
    for (const listen of ['127.0.0.1:9464', '127.3.4.5:0', '[::1]:9464', '[::ffff:127.0.0.1]:1'])
      expect(linesOf({ ...good, operations: { listen } })).toEqual([]);
    expect(linesOf({ ...good, operations: { listen: '0.0.0.0:9464', exposed: true } })).toEqual([]);
    expect(linesOf({ ...good, contact: { abuse: 'https://example.org/abuse' } })).toEqual([]);
  });
});
