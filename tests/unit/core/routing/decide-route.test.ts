import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRoute } from '../../../../src/core/routing/decide-route.ts';
import { checkHostOf, ONE_CIRCUIT_DOMAIN } from '../../../../src/core/circuit/circuit-check.ts';
import type { Requester, Route, RoutingPolicy } from '../../../../src/core/routing/policy.ts';
import {
  activePolicy,
  CHECK_HOSTS,
  CIRCUIT,
  LOCAL_ADDRESSES,
  LOCAL_NAMES,
  NOW,
  plainPolicy,
  poolHost,
  RELAY_HOSTS,
  SPARE,
  TRIAL,
} from '../../../support/routing.ts';
import { runs } from '../../../support/length.ts';

const PRIVATE: Requester = { by: 'tab', tab: 1 };
const NORMAL: Requester = { by: 'tab', tab: 2 };
const UNKNOWN: Requester = { by: 'tab', tab: 3 };
const UNSEEN: Requester = { by: 'unseen' };
const SELF: Requester = { by: 'self' };

const DIRECT: Route = { kind: 'direct' };
const THROUGH_CIRCUIT: Route = { kind: 'circuit', proxies: [CIRCUIT] };
const blocked = (reason: string) => ({ kind: 'block', reason });

function route(from: Requester, host: string, change: Partial<RoutingPolicy> = {}): Route {
  return decideRoute({ ...plainPolicy, ...change }, { host, from }, NOW);
}

function document(host: string | undefined): Requester {
  return { by: 'document', host };
}

describe('decideRoute', () => {
  it('steers nothing while no tab is private', () => {
    for (const from of [PRIVATE, NORMAL, UNKNOWN, UNSEEN, document(undefined)]) {
      expect(route(from, 'example.com', { active: false })).toEqual(DIRECT);
    }
  });

  it('sends a private tab and a tab it does not know through the circuit, and a normal tab direct', () => {
    expect(route(PRIVATE, 'example.com')).toEqual(THROUGH_CIRCUIT);
    expect(route(UNKNOWN, 'example.com')).toEqual(THROUGH_CIRCUIT);
    expect(route({ by: 'tab', tab: -1 }, 'example.com')).toEqual(THROUGH_CIRCUIT);
    expect(route(NORMAL, 'example.com')).toEqual(DIRECT);
  });

  it('I2: blocks what belongs in a circuit when there is none', () => {
    for (const from of [PRIVATE, UNKNOWN, document(undefined), UNSEEN]) {
      expect(route(from, 'example.com', { circuits: [] })).toEqual(blocked('no-circuit'));
    }
  });

  it('I7: takes a tab that is in both lists as private', () => {
    expect(route(NORMAL, 'example.com', { privateTabs: [1, 2] })).toEqual(THROUGH_CIRCUIT);
  });

  it.each(['normal.example', 'private.example', 'example.com'])(
    'sends a private tab to %s through the circuit',
    (host) => {
      expect(route(PRIVATE, host)).toEqual(THROUGH_CIRCUIT);
    },
  );

  it('lets the browser itself reach its services, unless a private tab uses them, and nothing else', () => {
    const BROWSER: Requester = { by: 'browser' };
    expect(route(BROWSER, 'aus5.mozilla.org')).toEqual(DIRECT);
    expect(route(BROWSER, 'aus5.mozilla.org', { privateHosts: ['aus5.mozilla.org'] })).toEqual(THROUGH_CIRCUIT);
    for (const host of ['mozilla.org', 'xaus5.mozilla.org', 'aus5.mozilla.org.', 'normal.example']) {
      expect(route(BROWSER, host)).toEqual(THROUGH_CIRCUIT);
    }
    for (const from of [PRIVATE, UNKNOWN, document(undefined)]) {
      expect(route(from, 'aus5.mozilla.org')).toEqual(THROUGH_CIRCUIT);
    }
  });

  it('lets the worker dial exactly its relays and nothing else', () => {
    expect(route(SELF, RELAY_HOSTS[0]!)).toEqual(DIRECT);
    expect(route(SELF, `x.${RELAY_HOSTS[0]!}`)).toEqual(THROUGH_CIRCUIT);
    expect(route(SELF, 'other.zone.test')).toEqual(THROUGH_CIRCUIT);
    expect(route(SELF, 'example.com')).toEqual(THROUGH_CIRCUIT);
    expect(route(SELF, 'example.com', { circuits: [] })).toEqual(blocked('no-circuit'));
    expect(route(SELF, '127.0.0.1')).toEqual(THROUGH_CIRCUIT);
  });

  it('closes the names of relays to the pages of every tab', () => {
    for (const from of [PRIVATE, NORMAL, UNKNOWN, document('normal.example')]) {
      for (const host of [RELAY_HOSTS[0]!, 'other.zone.test', 'zone.test', 'OTHER.zone.test.']) {
        expect(route(from, host)).toEqual(blocked('relay-host'));
      }
    }
    expect(route(NORMAL, RELAY_HOSTS[0]!, { relayZones: [] })).toEqual(blocked('relay-host'));
    expect(route(UNSEEN, 'other.zone.test')).toEqual(blocked('relay-host'));
    expect(route(UNSEEN, RELAY_HOSTS[0]!)).toEqual(DIRECT);
  });

  it('I5: sends the circuit check through the circuit, whoever asks', () => {
    for (const from of [PRIVATE, NORMAL, UNKNOWN, SELF, UNSEEN, document('normal.example')]) {
      for (const host of [...CHECK_HOSTS, 'circuit.conet.internal.']) {
        expect(route(from, host)).toEqual(THROUGH_CIRCUIT);
        expect(route(from, host, { circuits: [] })).toEqual(blocked('no-circuit'));
      }
    }
  });

  it('leads the name of one circuit to exactly that circuit, for the worker alone', () => {
    const change = { circuits: [CIRCUIT, SPARE], checked: [CIRCUIT, TRIAL] };
    for (const from of [SELF, UNSEEN]) {
      expect(route(from, checkHostOf(TRIAL.host), change)).toEqual({ kind: 'circuit', proxies: [TRIAL] });
      expect(route(from, checkHostOf(CIRCUIT.host), change)).toEqual({ kind: 'circuit', proxies: [CIRCUIT] });
      // Not asked of anybody else: another exit's answer would prove nothing.
      for (const host of [checkHostOf(SPARE.host), ONE_CIRCUIT_DOMAIN, `x.${checkHostOf(CIRCUIT.host)}`]) {
        expect(route(from, host, change)).toEqual(blocked('no-circuit'));
      }
    }
    for (const from of [PRIVATE, NORMAL, UNKNOWN, document('normal.example'), document(undefined)]) {
      expect(route(from, checkHostOf(CIRCUIT.host), change)).toEqual(blocked('relay-host'));
    }
  });

  it('names the spares behind the circuit in use', () => {
    const circuits = [CIRCUIT, SPARE];
    expect(route(PRIVATE, 'example.com', { circuits })).toEqual({ kind: 'circuit', proxies: circuits });
  });

  it.each([...LOCAL_NAMES, ...LOCAL_ADDRESSES])('closes %s to all but known normal tabs', (host) => {
    for (const from of [PRIVATE, UNKNOWN, document(undefined), document('private.example')]) {
      expect(route(from, host)).toEqual(blocked('local-host'));
    }
    expect(route(NORMAL, host)).toEqual(DIRECT);
    expect(route(document('normal.example'), host)).toEqual(DIRECT);
    expect(route(UNSEEN, host)).toEqual(DIRECT);
  });

  it.each(['2130706433', '0x7f.0.0.1', '0177.0.0.1', '127.1', '017700000001', '0x7f000001', '127.0.0.1.'])(
    'closes 127.0.0.1 written as %s to a private tab',
    (spelling) => {
      expect(route(PRIVATE, spelling)).toEqual(blocked('bad-host'));
      expect(route(UNSEEN, spelling)).toEqual(blocked('bad-host'));
      expect(route(PRIVATE, new URL(`http://${spelling}/`).hostname)).toEqual(blocked('local-host'));
    },
  );

  it.each([
    '',
    '.',
    'a..b',
    '.example.com',
    'exa mple.com',
    'exämple.com',
    '[::1',
    '[]',
    '[g::]',
    '1.2.3',
    'a/b',
    'a'.repeat(64),
  ])('sends nothing to %j, which is no host', (host) => {
    expect(route(PRIVATE, host)).toEqual(blocked('bad-host'));
    expect(route(UNSEEN, host)).toEqual(blocked('bad-host'));
    expect(route(SELF, host)).toEqual(blocked('bad-host'));
  });

  it('sends a worker direct only when its document is open in normal tabs and in no relation to a private one', () => {
    const change = {
      normalHosts: ['normal.example', 'both.example', 'shop.example', 'example.org'],
      privateHosts: ['both.example', 'pay.shop.example', 'org'],
    };
    expect(route(document('normal.example'), 'cdn.example', change)).toEqual(DIRECT);
    for (const host of [
      'both.example',
      'shop.example',
      'pay.shop.example',
      'example.org',
      'sub.normal.example',
      'normal.example.',
    ]) {
      expect(route(document(host), 'cdn.example', change)).toEqual(THROUGH_CIRCUIT);
    }
    expect(route(document(undefined), 'cdn.example', change)).toEqual(THROUGH_CIRCUIT);
  });

  it('lets an unseen request go direct only to hosts of normal tabs alone, below them, and only in time', () => {
    expect(route(UNSEEN, 'normal.example')).toEqual(DIRECT);
    expect(route(UNSEEN, 'cdn.normal.example')).toEqual(DIRECT);
    for (const host of [
      'xnormal.example',
      'normal.example.evil.net',
      'normal.example.',
      'example',
      'private.example',
      'example.com',
    ]) {
      expect(route(UNSEEN, host)).not.toEqual(host === 'example' ? THROUGH_CIRCUIT : DIRECT);
    }
    expect(route(UNSEEN, 'normal.example', { directUntil: NOW })).toEqual(THROUGH_CIRCUIT);
    for (const privateHost of ['normal.example', 'deep.normal.example', 'normal.example.', 'NORMAL.example']) {
      expect(route(UNSEEN, 'normal.example', { privateHosts: [privateHost] })).toEqual(THROUGH_CIRCUIT);
    }
  });

  it('I1: never sends a tab direct that is not known to be normal', () => {
    fc.assert(
      fc.property(activePolicy, poolHost, fc.integer({ min: -1, max: 8 }), (policy, host, tab) => {
        const { kind } = decideRoute(policy, { host, from: { by: 'tab', tab } }, NOW);
        const known = policy.normalTabs.includes(tab) && !policy.privateTabs.includes(tab);
        if (!known) expect(kind).not.toBe('direct');
      }),
      { numRuns: runs(2000) },
    );
  });
});
