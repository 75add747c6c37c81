// Where the exit connects to, attacked through a DNS server of the attacker's own: every address is checked after resolution and then
// dialled as it is. Traps listen where nothing may ever connect.

import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startDns, type DnsReply, type Query, type TestDns } from '../support/exit-dns.ts';
import { startHttpOrigin, type Origin } from '../support/exit-origin.ts';
import { ask, startExit, tunnel, type Answer, type TestExit } from '../support/exit-proxy.ts';
import { parseBlockList } from '../../relay/exit/block-list.ts';
import type { ExitProxyInit } from '../../relay/exit/proxy.ts';

let exit: TestExit;
let dns: TestDns;
let site: Origin;
let answers: (query: Query) => DnsReply;
let caught: string[];
const open: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  caught = [];
  dns = await startDns((query) => answers(query));
  site = await startHttpOrigin((request, response) => response.end(`site for ${request.socket.remoteAddress ?? ''}`));
  open.push(dns, site);
});

afterEach(async () => {
  await exit.stop();
  for (const one of open.splice(0)) await one.stop();
});

async function start(init: Partial<ExitProxyInit> = {}): Promise<void> {
  exit = await startExit({ resolvers: [dns.server], ...init });
}

/** Something private that listens on the site's port, where a confused exit would end up. */
async function setTrap(address: string): Promise<void> {
  const trap = await startHttpOrigin((_request, response) => response.end('private'), { address, port: site.port });
  trap.onSocket(() => caught.push(address));
  open.push(trap);
}

async function get(host: string, port = site.port): Promise<Answer> {
  const session = await exit.h2();
  return await ask(session, { ':method': 'GET', ':scheme': 'http', ':authority': `${host}:${port}`, ':path': '/' });
}

describe('DNS rebinding', () => {
  test('a name that turns private after the first answer is refused at the second request', async () => {
    let asked = 0;
    answers = ({ type }) => (type === 'AAAA' ? [] : (asked += 1) === 1 ? ['127.0.2.1'] : ['127.0.0.1']);
    await start();
    await setTrap('127.0.0.1');
    expect((await get('rebind.test')).body.toString()).toContain('site for');
    const second = await get('rebind.test');
    expect([second.status, second.headers['proxy-status']]).toEqual([
      403,
      'conet-exit; error=destination_ip_prohibited',
    ]);
    expect(caught).toEqual([]);
  });

  test('the address that was checked is the one that is dialled: one look-up a family, whatever a second would say', async () => {
    let asked = 0;
    answers = ({ type }) => (type === 'AAAA' ? [] : (asked += 1) % 2 === 1 ? ['127.0.2.1'] : ['127.0.0.1']);
    await start();
    await setTrap('127.0.0.1');
    expect((await get('flip.test')).status).toBe(200);
    expect(dns.queries.map(({ name, type }) => `${name} ${type}`).sort()).toEqual(['flip.test A', 'flip.test AAAA']);
    expect(caught).toEqual([]);
  });

  test('of a mixed answer only the permitted addresses are tried', async () => {
    answers = () => ['127.0.3.1', '127.0.0.1', '127.0.2.1', '127.0.4.1', '::1', '::ffff:127.0.3.1'];
    await start();
    for (const address of ['127.0.0.1', '127.0.3.1', '127.0.4.1']) await setTrap(address);
    expect((await get('mixed.test')).body.toString()).toContain('site for');
    expect(caught).toEqual([]);
  });

  test('a permitted address that refuses does not send the exit to the others', async () => {
    answers = () => ['127.0.2.9', '127.0.3.1'];
    await start();
    await setTrap('127.0.3.1');
    const answer = await get('half.test');
    expect([answer.status, answer.headers['proxy-status']]).toEqual([502, 'conet-exit; error=connection_refused']);
    expect(caught).toEqual([]);
  });

  test.each([
    ['IPv6 loopback', '::1'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped in hexadecimal', '::ffff:7f00:1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['6to4', '2002:7f00:1::1'],
    ['unique local', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['private', '10.0.0.1'],
    ['unspecified', '0.0.0.0'],
    ['metadata', '169.254.169.254'],
  ])('an answer that is %s is refused', async (_kind, address) => {
    answers = () => [address];
    await start();
    await setTrap('127.0.0.1');
    expect((await get('evil.test')).status).toBe(403);
    expect(caught).toEqual([]);
  });
});

describe('hosts that are addresses in disguise', () => {
  test.each([
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '017700000001', '0177.0.0.1', '0x7f.0.0.1', '127.0.0.1.'],
    ...['[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:0001]', '0.0.0.0', '0', '[::]'],
  ])('%s is refused and not resolved', async (host) => {
    answers = () => ['127.0.2.1'];
    await start();
    await setTrap('127.0.0.1');
    expect((await get(host)).status).toBe(403);
    const session = await exit.h2();
    await expect(tunnel(session, `${host}:${site.port}`)).rejects.toThrow('403');
    expect(dns.queries).toEqual([]);
    expect(caught).toEqual([]);
  });

  test('a permitted address in decimal is served', async () => {
    await start();
    expect((await get(String(0x7f000201))).status).toBe(200);
  });
});

describe("the relay's own addresses", () => {
  test('those of its interfaces are refused, though the configuration opens every range', async () => {
    await start({ allow: ['0.0.0.0/0', '::/0'] });
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    expect(own.length).toBeGreaterThan(0);
    for (const { address, family } of own) {
      if (!address.startsWith('fe80:')) {
        expect((await get(family === 'IPv6' ? `[${address}]` : address)).status).toBe(403);
      }
    }
  });

  test('those told to it are refused', async () => {
    await start({ ownAddresses: ['127.0.2.1'] });
    expect((await get('127.0.2.1')).status).toBe(403);
  });
});

describe('names', () => {
  test.each([
    'localhost',
    'x.LOCALHOST',
    'printer.local',
    'metadata.google.internal',
    'circuit.conet.internal',
    'abc.onion',
  ])('%s is refused and not resolved', async (name) => {
    answers = () => ['127.0.2.1'];
    await start();
    expect((await get(name)).status).toBe(403);
    const session = await exit.h2();
    await expect(tunnel(session, `${name}:443`)).rejects.toThrow('403');
    expect(dns.queries).toEqual([]);
  });

  test('a name is asked for as it is, with or without the final dot: no search domain is added', async () => {
    answers = () => ['127.0.2.1'];
    await start();
    expect((await get('single')).status).toBe(200);
    expect((await get('dotted.test.')).status).toBe(200);
    expect(new Set(dns.queries.map(({ name }) => name))).toEqual(new Set(['single', 'dotted.test']));
  });

  test.each([
    ['NXDOMAIN', 502, 'conet-exit; error=dns_error; rcode="NXDOMAIN"'],
    ['SERVFAIL', 502, 'conet-exit; error=dns_error'],
  ] as const)('%s is told as %i', async (reply, status, proxyStatus) => {
    answers = () => reply;
    await start();
    const answer = await get('nowhere.test');
    expect([answer.status, answer.headers['proxy-status']]).toEqual([status, proxyStatus]);
  });

  test('a resolver that never answers is told as 504 within the limit', async () => {
    answers = () => 'silence';
    await start();
    const answer = await get('silent.test');
    expect([answer.status, answer.headers['proxy-status']]).toEqual([504, 'conet-exit; error=dns_timeout']);
  });

  test('one family is enough when the other never answers', async () => {
    answers = ({ type }) => (type === 'AAAA' ? 'silence' : ['127.0.2.1']);
    await start();
    const before = performance.now();
    expect((await get('v4only.test')).status).toBe(200);
    // Far below the limit of resolving, far above the 50 ms it takes.
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

describe('the rest of the policy', () => {
  test.each([25, 465, 587])('port %i is closed', async (port) => {
    await start();
    const session = await exit.h2();
    await expect(tunnel(session, `127.0.2.1:${port}`)).rejects.toThrow('403 conet-exit; error=http_request_denied');
  });

  test('outgoing connections come from the configured address', async () => {
    await start({ source: '127.0.1.77' });
    expect((await get('127.0.2.1')).body.toString()).toBe('site for 127.0.1.77');
  });

  test('an answer of the exit itself names neither an address nor a name, and is not stored', async () => {
    answers = () => ['10.1.2.3'];
    await start();
    const answer = await get('secret-name.test');
    const whole = `${JSON.stringify(answer.rawHeaders)} ${answer.body.toString()} ${exit.log.join('')}`;
    expect(whole).not.toMatch(/secret-name|10\.1\.2\.3/);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body.toString()).toMatch(/^[^\n]+\n$/);
  });
});

describe('what the operator does not serve', () => {
  const block = (...lines: string[]) => [parseBlockList(['reason: It spreads malware.', ...lines].join('\n'), 'list')];

  test.each([
    ['a name', 'site.test'],
    ['a name above it', 'test'],
    ['its network', '127.0.2.0/28'],
  ])('by %s: the client is told by whom and why, and nobody is dialled', async (_what, line) => {
    answers = ({ type }) => (type === 'AAAA' ? [] : ['127.0.2.1']);
    let dialled = 0;
    site.onSocket(() => (dialled += 1));
    await start({ lists: block(line) });
    const { status, headers, body } = await get('site.test');
    expect([status, headers['proxy-status']]).toEqual([
      403,
      'conet-exit; error=http_request_denied; details="policy of this exit"',
    ]);
    expect(body.toString()).toMatch(/operator does not serve this destination.*\nIt spreads malware\.\n$/s);
    expect(dialled).toBe(0);
    expect(exit.log.join()).not.toMatch(/site\.test|127\.0\.2\.1|malware/);
  });

  test('of several addresses those that are listed are passed over', async () => {
    answers = ({ type }) => (type === 'AAAA' ? [] : ['127.0.2.9', '127.0.2.1']);
    await start({ lists: block('127.0.2.9') });
    await setTrap('127.0.2.9');
    expect((await get('site.test')).status).toBe(200);
    expect(caught).toEqual([]);
  });

  test('an address is not opened more often than the rate, whatever name or port it is asked by', async () => {
    answers = ({ type }) => (type === 'AAAA' ? [] : ['127.0.2.1']);
    await start({ perSecond: 0.3 });
    for (const name of ['a.test', 'b.test', '127.0.2.1']) expect((await get(name)).status).toBe(200);
    const { status, headers } = await get('c.test');
    expect([status, headers['proxy-status']]).toEqual([429, 'conet-exit; error=connection_limit_reached']);
    expect((await get('127.0.2.1', site.port + 1)).status).toBe(429);
    exit.proxy.change?.({ allow: ['127.0.2.0/24'], denyPorts: [] });
    expect((await get('c.test')).status).toBe(200);
  });
});
