// Which policy and which name of a tab's state follow from what is stored.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { possibleCircuits } from '../../../../src/core/circuit/choose-circuit.ts';
import { CIRCUIT_OFF, type CircuitState } from '../../../../src/core/circuit/circuit-state.ts';
import { derivePolicy, NO_STRICT_JARS, type OpenTab } from '../../../../src/core/state/derive-policy.ts';
import { canBePrivate, isBlankPage, webHost } from '../../../../src/core/state/page.ts';
import { LINGER_MS } from '../../../../src/core/circuit/durations.ts';
import {
  forgetTab,
  makeNormal,
  makePrivate,
  MAX_HOSTS_OF_TAB,
  NO_TABS,
  noteDocument,
  noteHost,
  noteReloadAsked,
  putAside,
  type TabRecords,
} from '../../../../src/core/state/tab-records.ts';
import type { SiteRule } from '../../../../src/core/routing/site-rule.ts';
import { tabStatus, type Hold } from '../../../../src/core/state/tab-status.ts';
import { createFakeNetwork } from '../../../support/fakes/relays.ts';

const { records: relays } = await createFakeNetwork();
const circuit = possibleCircuits(relays)[0]!;
const verified: CircuitState = {
  at: 'verified',
  circuits: [{ circuit, roundTripMs: 1, verifiedAt: 1 }],
  trial: undefined,
};
const held: Hold = { is: 'held' };

const tab = (id: number, url: string, pendingUrl?: string): OpenTab => ({
  ...{ id, url, pendingUrl, opener: undefined, incognito: false, container: undefined },
});
const secret = (reload = false): TabRecords => makePrivate(NO_TABS, 1, { url: undefined, hosts: ['a.test'], reload });
const derive = (
  records: TabRecords,
  open: OpenTab[],
  state: CircuitState = CIRCUIT_OFF,
  siteRules: readonly SiteRule[] = [],
): ReturnType<typeof derivePolicy> =>
  derivePolicy({
    auto: false,
    records,
    open,
    strict: NO_STRICT_JARS,
    circuit: state,
    identity: 0,
    sites: undefined,
    siteRules,
    tolerated: [],
    asked: [],
    relays,
    now: 100,
    directUntil: 200,
  });

describe('the policy', () => {
  test('takes no site that is never private for a private one, because a private tab waits before it', () => {
    const rules: SiteRule[] = [{ host: 'bank.test', mode: 'never' }];
    const records = makeNormal(noteHost(secret(), 1, 'www.bank.test'), 2, { reload: false });
    const open = [tab(1, 'https://a.test/', 'https://www.bank.test/'), tab(2, 'https://www.bank.test/')];
    expect(derive(records, open).privateHosts).toEqual(['a.test', 'www.bank.test']);
    expect(derive(records, open, CIRCUIT_OFF, rules)).toMatchObject({
      ...{ privateHosts: ['a.test'], normalHosts: ['www.bank.test'] },
    });
    // Private this once: then it is one, for normal tabs too where the browser tells them not apart.
    const once = putAside(records, 1, 'bank.test');
    expect(derive(once, open, CIRCUIT_OFF, rules).privateHosts).toEqual(['a.test', 'www.bank.test']);
    // Nobody knows what a tab without a record is.
    expect(derive(records, [...open, tab(3, 'https://bank.test/')], CIRCUIT_OFF, rules).privateHosts).toContain(
      'bank.test',
    );
  });

  test('counts a tab without record as private: its host goes nowhere directly', () => {
    const records = makeNormal(secret(), 2, { reload: false });
    const policy = derive(records, [tab(1, 'https://a.test/'), tab(2, 'https://b.test/'), tab(3, 'https://c.test/')]);
    expect(policy).toMatchObject({
      privateTabs: [1],
      normalTabs: [2],
      privateHosts: ['a.test', 'c.test'],
      normalHosts: ['b.test'],
    });
  });

  test('pages reach no name of a relay that is in use, also where the list of relays has it no more', () => {
    const derived = (state: CircuitState) =>
      derivePolicy({
        auto: false,
        ...{
          records: secret(),
          open: [],
          strict: NO_STRICT_JARS,
          circuit: state,
          identity: 0,
          sites: undefined,
          siteRules: [],
          tolerated: [],
        },
        ...{ asked: ['asked.test'], relays: [], now: 0, directUntil: 0 },
      });
    expect(derived(verified)).toMatchObject({
      relayZones: ['relays.test'],
      relayHosts: ['asked.test', circuit.entry.host].sort(),
    });
    expect(derived(CIRCUIT_OFF)).toMatchObject({ relayZones: [], relayHosts: ['asked.test'] });
  });

  test('I5: names a circuit when it is verified, and lets the worker ask one that is being checked', () => {
    const at = (state: CircuitState): unknown => {
      const { circuits, checked } = derive(secret(), [], state);
      return { circuits, checked };
    };
    const proxy = { host: circuit.proxyHost, port: circuit.proxyPort };
    const none = { circuits: [], checked: [] };
    const trial = (phase: 'reaching' | 'checking'): CircuitState => ({
      at: 'connecting',
      trial: { circuit, phase },
      failures: 0,
    });
    expect(at(verified)).toEqual({ circuits: [proxy], checked: [proxy] });
    expect(at(trial('checking'))).toEqual({ circuits: [], checked: [proxy] });
    expect(at(trial('reaching'))).toEqual(none);
    expect(at({ at: 'connecting', trial: undefined, failures: 0 })).toEqual(none);
    expect(at({ at: 'failed', reason: 'offline', failures: 1, retryAt: 1 })).toEqual(none);
    expect(at(CIRCUIT_OFF)).toEqual(none);
  });

  test('is active while a tab is private, and while one may still turn up', () => {
    expect(derive(NO_TABS, []).active).toBe(false);
    expect(derive(secret(), []).active).toBe(true);
    expect(derive({ ...NO_TABS, restoringUntil: 101 }, []).active).toBe(true);
    expect(derive({ ...NO_TABS, restoringUntil: 100 }, []).active).toBe(false);
    expect(derive({ ...NO_TABS, lingering: { until: 101, hosts: [] } }, []).active).toBe(true);
    expect(derive({ ...NO_TABS, lingering: { until: 100, hosts: [] } }, []).active).toBe(false);
  });

  test('keeps the hosts of a closed private tab private while its last requests may be under way', () => {
    const closed = forgetTab(makeNormal(noteHost(secret(), 1, 'a.test'), 2, { reload: false }), 1, 100 - LINGER_MS + 1);
    expect(derive(closed, [tab(2, 'https://a.test/')]).privateHosts).toContain('a.test');
    const later = { ...closed, lingering: { ...closed.lingering, until: 100 } };
    expect(derive(later, [tab(2, 'https://a.test/')]).privateHosts).not.toContain('a.test');
  });

  test('lets no host go direct when a private tab had more than can be kept', () => {
    const many = Array.from({ length: MAX_HOSTS_OF_TAB + 5 }, (_, index) => `h${index}.test`);
    const full = many.reduce((records, host) => noteHost(records, 1, host), makeNormal(secret(), 2, { reload: false }));
    expect(derive(full, [tab(2, 'https://b.test/')]).normalHosts).toEqual([]);
  });

  test('does not depend on the order of tabs', () => {
    const open = [tab(2, 'https://b.test/', 'https://z.test/'), tab(3, 'https://a.test/'), tab(4, 'https://b.test/')];
    const records = open.reduce((all, { id }) => makeNormal(all, id, { reload: false }), NO_TABS);
    expect(derive(records, open)).toEqual(derive(records, [...open].reverse()));
    expect(derive(records, open).normalHosts).toEqual(['a.test', 'b.test', 'z.test']);
  });
});

describe('a tab is called private', () => {
  test('only if all of it is true: private, held, verified, reloaded', () => {
    const holds: Hold[] = [held, { is: 'pending' }, { is: 'lost', why: 'managed', name: undefined }];
    const circuits: CircuitState[] = [
      CIRCUIT_OFF,
      { at: 'connecting', trial: { circuit, phase: 'checking' }, failures: 0 },
      { at: 'failed', reason: 'offline', failures: 1, retryAt: 1 },
      verified,
    ];
    const all = [NO_TABS, makeNormal(NO_TABS, 1, { reload: false }), secret(true), secret(false)];
    const green = all.flatMap((records) =>
      circuits.flatMap((state) =>
        holds
          .filter((hold) => tabStatus(records, 1, state, hold).is === 'private')
          .map((hold) => ({ records, state, hold })),
      ),
    );
    expect(green).toEqual([{ records: secret(false), state: verified, hold: held }]);
  });

  test('a conflict is said before a failure of the circuit', () => {
    const lost: Hold = { is: 'lost', why: 'other-extension', name: 'X' };
    const failed: CircuitState = { at: 'failed', reason: 'offline', failures: 1, retryAt: 1 };
    expect(tabStatus(secret(), 1, failed, lost)).toEqual({ is: 'blocked', why: 'other-extension', name: 'X' });
  });
});

describe('pages', () => {
  test('of the web and blank ones can be private, those of browser and extensions cannot', () => {
    for (const url of [
      'https://a.test/',
      'http://[::1]/',
      'about:blank',
      'chrome://newtab/',
      'about:home',
      '',
      undefined,
    ]) {
      expect(canBePrivate(url), url).toBe(true);
    }
    for (const url of [
      'chrome://settings/',
      'about:config',
      'moz-extension://x/',
      'file:///etc/passwd',
      'devtools://x',
      'data:,x',
    ]) {
      expect(canBePrivate(url), url).toBe(false);
    }
  });

  test('have the host that routing compares: lower case, ASCII, IPv6 in brackets', () => {
    expect(webHost('https://BÜCHER.test:8443/x')).toBe('xn--bcher-kva.test');
    expect(webHost('http://[2001:DB8::1]/')).toBe('[2001:db8::1]');
    expect(webHost('http://0x7f.1/')).toBe('127.0.0.1');
    fc.assert(
      fc.property(fc.string(), (text) => typeof webHost(text) !== 'object' && typeof isBlankPage(text) === 'boolean'),
    );
  });
});

describe('a document that comes', () => {
  const URL = 'https://shop.test/';
  const waiting = noteReloadAsked(makePrivate(NO_TABS, 1, { url: URL, hosts: ['shop.test'], reload: false }), 1, 100);
  const reloadAfter = (at: number, url: string): unknown => noteDocument(waiting, 1, at, url).tabs[1]?.reload;

  test('after a reload was asked for is the one that was', () => {
    expect(reloadAfter(100, URL)).toEqual({ is: 'none' });
  });

  test('from before is not, and another is still on its way', () => {
    expect(reloadAfter(99, 'https://news.test/')).toEqual({ is: 'asked', at: 100 });
  });

  test('from before, where it is the very page that was waited for, came the old way and is loaded again', () => {
    expect(reloadAfter(99, URL)).toEqual({ is: 'due' });
  });
});
