import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileClosedPac,
  compilePac,
  DEAD_PROXY,
  PacError,
  pacText,
} from '../../../../src/core/routing/compile-pac.ts';
import { decideRoute } from '../../../../src/core/routing/decide-route.ts';
import type { Route, RoutingPolicy } from '../../../../src/core/routing/policy.ts';
import { pacHost, runPac } from '../../../support/pac.ts';
import {
  activePolicy,
  ALL_HOSTS,
  canonicalHost,
  CIRCUIT,
  NOW,
  plainPolicy,
  RELAY_HOSTS,
} from '../../../support/routing.ts';
import { runs } from '../../../support/length.ts';

const RUNS = runs(3000);

function asPac(route: Route): string {
  switch (route.kind) {
    case 'direct':
      return 'DIRECT';
    case 'circuit':
      return route.proxies.map(({ host, port }) => `HTTPS ${host}:${port}`).join('; ');
    case 'block':
      return DEAD_PROXY;
  }
}

function decided(policy: RoutingPolicy, host: string): string {
  return asPac(decideRoute(policy, { host, from: { by: 'unseen' } }, NOW));
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof PacError) return error.code;
    throw error;
  }
  return 'none';
}

describe('the PAC text', () => {
  it('answers every host that a browser can hand it as decideRoute decides', () => {
    fc.assert(
      fc.property(activePolicy, fc.array(canonicalHost, { minLength: 1, maxLength: 10 }), (policy, hosts) => {
        const pac = runPac(compilePac(policy), NOW);
        for (const host of hosts) expect([host, pac(pacHost(host))]).toEqual([host, decided(policy, host)]);
      }),
      { numRuns: RUNS },
    );
  });

  it('answers text that is no host, and hosts in capitals, as decideRoute decides', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(...ALL_HOSTS).map((host) => host.toUpperCase()),
      fc.constantFrom(
        '',
        '.',
        '..',
        'a..b',
        '.a.b',
        'A.B.',
        '1.2.3',
        '256.1.1.1',
        '01.2.3.4',
        '0x7f.1',
        '2130706433',
        'x.0x',
        'com.',
      ),
      fc.constantFrom(
        'a'.repeat(64),
        `${'a.'.repeat(126)}a`,
        `${'a.'.repeat(127)}a`,
        '__proto__',
        'constructor',
        'x.hasOwnProperty',
      ),
    );
    fc.assert(
      fc.property(
        activePolicy,
        anything.filter((text) => text.startsWith('[') || !text.includes(':')),
        (policy, host) => {
          expect(runPac(compilePac(policy), NOW)(pacHost(host))).toBe(decided(policy, host));
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('gives answers that Chrome can parse, and never a way around the circuit', () => {
    const answers = /^(?:DIRECT|HTTPS [a-z0-9.-]+:[0-9]+(?:; HTTPS [a-z0-9.-]+:[0-9]+)*)$/;
    fc.assert(
      fc.property(activePolicy, fc.string({ unit: 'binary' }), (policy, host) => {
        expect(runPac(compilePac(policy), NOW)(host)).toMatch(answers);
      }),
    );
  });

  it('closes the direct hosts by the clock, without anyone renewing it', () => {
    const text = compilePac(plainPolicy);
    expect(runPac(text, plainPolicy.directUntil - 1)('normal.example')).toBe('DIRECT');
    expect(runPac(text, plainPolicy.directUntil)('normal.example')).toBe(`HTTPS ${CIRCUIT.host}:${CIRCUIT.port}`);
  });

  it('is plain ASCII, which is all that Chrome takes, and asks nobody for a name', () => {
    const text = compilePac({ ...plainPolicy, normalHosts: ALL_HOSTS });
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text).not.toMatch(/isInNet|dnsResolve|isResolvable|myIpAddress|dnsDomainIs|shExpMatch/);
  });

  it('stays fast and correct with 2,000 direct hosts', () => {
    const normalHosts = Array.from({ length: 2500 }, (_, index) => `site${String(index).padStart(4, '0')}.example`);
    const pac = runPac(compilePac({ ...plainPolicy, normalHosts }), NOW);
    expect(pac('a.site0042.example')).toBe('DIRECT');
    expect(pac('site2400.example')).toBe(`HTTPS ${CIRCUIT.host}:${CIRCUIT.port}`);
  });

  it.each([
    ['bad-proxy', { circuits: [{ host: 'a.b:1; DIRECT', port: 443 }] }],
    ['bad-proxy', { circuits: [{ host: 'a.b";x="', port: 443 }] }],
    ['bad-proxy', { circuits: [{ host: '', port: 443 }] }],
    ['bad-proxy', { circuits: [{ host: 'localhost', port: 443 }] }],
    ['bad-proxy', { circuits: [{ host: '192.0.2.1', port: 443 }] }],
    ['bad-proxy', { circuits: [{ host: 'A.example', port: 443 }] }],
    ['bad-proxy', { circuits: [{ ...CIRCUIT, port: 0 }] }],
    ['bad-proxy', { circuits: [{ ...CIRCUIT, port: 65536 }] }],
    ['bad-proxy', { circuits: [{ ...CIRCUIT, port: 443.5 }] }],
    ['bad-proxy', { circuits: [{ ...CIRCUIT, port: Number.NaN }] }],
    ['bad-host', { relayHosts: ['a";alert(1);"'] }],
    ['bad-host', { relayHosts: ['Relay.example'] }],
    ['bad-host', { relayHosts: ['relay.example.'] }],
    ['bad-host', { relayHosts: ['192.0.2.1'] }],
    ['bad-host', { relayZones: [''] }],
    ['bad-host', { relayZones: ['exämple.com'] }],
    ['bad-time', { directUntil: Number.NaN }],
    ['bad-time', { directUntil: Number.POSITIVE_INFINITY }],
    ['bad-time', { directUntil: -1 }],
    ['inactive', { active: false }],
  ] as const)('I8: is not written (%s) for %j', (code, change) => {
    expect(codeOf(() => compilePac({ ...plainPolicy, ...change }))).toBe(code);
  });

  it('I8: is not written for a direct host that is none', () => {
    const parts = {
      circuits: [CIRCUIT],
      checked: [],
      direct: ['ok.example', '"]};x'],
      directUntil: NOW,
      relayHosts: [],
      relayZones: [],
      steered: true,
      localDirect: true,
    };
    expect(codeOf(() => pacText(parts))).toBe('bad-host');
  });

  it('leaves hosts of normal tabs that it cannot write to the circuit', () => {
    const pac = runPac(
      compilePac({ ...plainPolicy, normalHosts: ['we!rd.example', 'UPPER.example', 'dot.example.'] }),
      NOW,
    );
    expect(pac('we!rd.example')).toBe(DEAD_PROXY);
    expect(pac('upper.example')).toBe('DIRECT');
    expect(pac('dot.example')).toBe(`HTTPS ${CIRCUIT.host}:${CIRCUIT.port}`);
  });
});

describe('the closed PAC text', () => {
  it('I2: sends nothing direct but the worker to its entry', () => {
    const pac = runPac(compileClosedPac({ ...plainPolicy, normalHosts: ALL_HOSTS }), NOW);
    for (const host of ALL_HOSTS)
      expect([host, pac(pacHost(host)) === 'DIRECT']).toEqual([host, host === RELAY_HOSTS[0]]);
  });

  it('I2: is written for a policy that cannot be, and sends nothing anywhere', () => {
    const pac = runPac(compileClosedPac({ ...plainPolicy, circuits: [{ host: 'bad host', port: 0 }] }), NOW);
    for (const host of ALL_HOSTS) expect([host, pac(pacHost(host))]).toEqual([host, DEAD_PROXY]);
  });
});
