import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CONFIG_TEMPLATE } from '../../../relay/cli/config-template.ts';
import { ConfigError, parseConfig } from '../../../relay/config/load.ts';
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

describe('a good configuration', () => {
  test('gets its defaults, mail ports closed and no private range open', () => {
    const config = parseConfig(stringify(good), 'relay.yaml');
    expect(config.log.level).toBe('info');
    expect(config.exit?.destinations).toEqual({ allow: [], denyPorts: [25, 465, 587] });
    expect(config.entry?.libp2p).toEqual({ host: '::1', port: 7401 });
  });

  test('the documented example is one, once a real peer id stands in it', () => {
    const example = readFileSync(resolve(import.meta.dirname, '../../../docs/relay-config.example.yaml'), 'utf8');
    expect(linesOf(example.replace('12D3KooW...', PEER))).toEqual([]);
  });

  test('what init writes is one, with its comments taken out too', () => {
    expect(linesOf(CONFIG_TEMPLATE)).toEqual([]);
    const exit = CONFIG_TEMPLATE.replaceAll(/^# (exit:| {2})/gm, '$1').replace('12D3KooW...', PEER);
    expect(exit).toMatch(/^exit:$/m);
    expect(linesOf(exit)).toEqual([]);
  });

  test('flags win over the file', () => {
    const config = parseConfig(stringify(good), 'f', {
      logLevel: 'debug',
      tunnels: '10.0.0.1:0',
      libp2p: '10.0.0.1:2',
    });
    expect(config.log.level).toBe('debug');
    expect(config.entry?.tunnels).toEqual({ host: '10.0.0.1', port: 0 });
    expect(config.entry?.libp2p).toEqual({ host: '10.0.0.1', port: 2 });
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
    ['no role', common, /needs `entry` or `exit`/],
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
