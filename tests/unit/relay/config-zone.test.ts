// The sections `zone` and `certificate.autotls` of the configuration: what they get without being asked, and what is refused.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError, loadConfig, parseConfig } from '../../../relay/config/load.ts';
import { mailboxName } from '../../../relay/config/zone.ts';

const PEER = '12D3KooWJSG3xVB11FuVSTVheiAqGjguuscwhrhWi6FPyYrmsfQW';
const common = { identity: './relay.key', operator: 'family', region: 'DE' };
const registration = {
  name: 'registration.zone.example.org',
  listen: '192.0.2.1:443',
  certificate: { files: { key: 'k.pem', chain: 'c.pem' } },
};
const zone = {
  domain: 'zone.example.org',
  nameServers: ['ns1.zone.example.org', 'ns.example.net'],
  mailbox: 'hostmaster@example.org',
  hosts: { ns1: ['192.0.2.1', '2001:db8::1'], registration: ['192.0.2.1'] },
  dns: ['192.0.2.1:53', '[2001:db8::1]:53'],
  registration,
};
const autotls = {
  state: 'tls',
  announce: ['/ip4/192.0.2.1/tcp/7401'],
  zones: [
    {
      domain: 'zone.example.org',
      registration: 'https://registration.zone.example.org',
      acme: 'https://ca.example/dir',
    },
  ],
};
const entry = (certificate: object) => ({ entry: { tunnels: '192.0.2.1:443', libp2p: '192.0.2.1:7401', certificate } });

function linesOf(value: object): readonly string[] {
  try {
    parseConfig(stringify({ ...common, ...value }), 'relay.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
  return [];
}

describe('zone', () => {
  test('is a role of its own; no private range is open, and everybody may issue certificates', () => {
    const config = parseConfig(stringify({ ...common, zone }), 'f');
    expect(config.zone).toMatchObject({
      allow: [],
      issuers: [],
      dns: [
        { host: '192.0.2.1', port: 53 },
        { host: '2001:db8::1', port: 53 },
      ],
    });
    expect(mailboxName(config.zone!.mailbox)).toBe('hostmaster.example.org');
  });

  test.each<[string, object, RegExp]>([
    ['a domain in upper case', { domain: 'Zone.example.org' }, /zone\.domain: must be a domain name/],
    ['no name server', { nameServers: [] }, /zone\.nameServers: must name at least one/],
    [
      'a name server of its own without an address',
      { hosts: { registration: ['192.0.2.1'] } },
      /has no address in `zone\.hosts`/,
    ],
    [
      'a host that looks like a relay',
      { hosts: { ...zone.hosts, [`k${'5'.repeat(40)}`]: ['192.0.2.1'] } },
      /must be one label/,
    ],
    ['a host of two labels', { hosts: { ...zone.hosts, 'a.b': ['192.0.2.1'] } }, /must be one label/],
    ['a host that has a name for an address', { hosts: { ns1: ['localhost'] } }, /must be an IP address/],
    ['a mailbox that is none', { mailbox: 'hostmaster' }, /zone\.mailbox: must be an address/],
    ['a mailbox with a dot before the at', { mailbox: 'host.master@example.org' }, /zone\.mailbox: must be an address/],
    ['nowhere to listen', { dns: [] }, /zone\.dns: must name at least one/],
    ['a range that is none', { allow: ['10.0.0.0'] }, /zone\.allow\.0: must be a range/],
    [
      'a broker that gets its certificate from itself',
      { registration: { ...registration, certificate: { autotls } } },
      /unknown key|is missing/,
    ],
  ])('is refused: %s', (_, section, line) => {
    expect(linesOf({ zone: { ...zone, ...section } }).join('\n')).toMatch(line);
  });
});

describe('autotls', () => {
  test('has its files beside the configuration', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    const path = join(folder, 'relay.yaml');
    writeFileSync(path, stringify({ ...common, ...entry({ autotls }), zone }));
    const config = await loadConfig(path);
    rmSync(folder, { recursive: true });
    expect(config.entry?.certificate.autotls).toEqual({
      ...autotls,
      state: join(folder, 'tls'),
      account: join(folder, 'tls/account.key'),
      ctLogs: [],
    });
    expect(config.zone?.registration.certificate.files.key).toBe(join(folder, 'k.pem'));
  });

  test.each<[string, object, RegExp]>([
    ['files as well', { autotls, files: registration.certificate.files }, /needs `files` or `autotls`/],
    ['neither', {}, /needs `files` or `autotls`/],
    ['no zone', { autotls: { ...autotls, zones: [] } }, /zones: must name at least one/],
    ['a zone twice', { autotls: { ...autotls, zones: [...autotls.zones, ...autotls.zones] } }, /names a domain twice/],
    [
      'a broker in clear',
      { autotls: { ...autotls, zones: [{ ...autotls.zones[0], registration: 'http://r.example' }] } },
      /must be an https URL/,
    ],
    [
      'an address that brokers do not dial',
      { autotls: { ...autotls, announce: ['/dns4/relay.example/tcp/1'] } },
      /announce\.0: must be a multiaddr/,
    ],
    ['no address', { autotls: { ...autotls, announce: [] } }, /announce: must name at least one/],
  ])('is refused: %s', (_, certificate, line) => {
    expect(linesOf(entry(certificate)).join('\n')).toMatch(line);
  });

  test('two roles share a folder only where they agree', () => {
    const exit = (more: object) => ({
      exit: { entries: [`/ip4/192.0.2.9/tcp/1/p2p/${PEER}`], certificate: { autotls: { ...autotls, ...more } } },
    });
    expect(linesOf({ ...entry({ autotls }), ...exit({}) })).toEqual([]);
    expect(linesOf({ ...entry({ autotls }), ...exit({ state: 'other', listen: '192.0.2.1:1' }) })).toEqual([]);
    expect(linesOf({ ...entry({ autotls }), ...exit({ listen: '192.0.2.1:1' }) })).toEqual([
      expect.stringContaining('name one `state` folder and differ'),
    ]);
  });

  test('what the documented example shows in a comment is good', () => {
    const example = readFileSync(resolve(import.meta.dirname, '../../../docs/relay-config.example.yaml'), 'utf8');
    const files = '    files: { key: ./tls/key.pem, chain: ./tls/chain.pem }\n    # autotls:';
    expect(example).toContain(files);
    const uncommented = example
      .replace(files, '    autotls:')
      .replaceAll(/^ {4}#( {3}.*)$/gm, '    $1')
      .replace('12D3KooW...', PEER);
    const config = parseConfig(uncommented, 'f');
    expect(config.entry?.certificate.autotls?.zones).toHaveLength(2);
    expect(config.zone?.domain).toBe('zone.example.org');
  });
});
