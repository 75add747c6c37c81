import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEAD_ANSWER,
  firefoxAnswer,
  requesterOf,
  waitsForCircuit,
  type ProxyAnswer,
  type ProxyInfo,
  type ProxyRequest,
} from '../../../src/platform/firefox-answer.ts';
import { checkHostOf } from '../../../src/core/circuit/circuit-check.ts';
import type { CircuitProxy, RoutingPolicy } from '../../../src/core/routing/policy.ts';
import { activePolicy, CIRCUIT, NOW, plainPolicy, poolHost, RELAY_HOSTS, SPARE, TRIAL } from '../../support/routing.ts';

const SELF = 'moz-extension://6d6f7373-2d61-4e64-ad6c-616e7465726e';
const BACKGROUND = `${SELF}/_generated_background_page.html`;

const keyOf = (given: ProxyAnswer): string | undefined =>
  Array.isArray(given) ? given[0]?.connectionIsolationKey : undefined;

function answer(request: Partial<ProxyRequest>, change: Partial<RoutingPolicy> = {}) {
  const whole = { url: 'https://example.com/', tabId: 1, type: 'xmlhttprequest', ...request };
  return firefoxAnswer({ ...plainPolicy, ...change }, whole, NOW, 'one', SELF);
}

/** In any spelling (spelling.ts). */
function isCircuit(given: ProxyAnswer): boolean {
  return JSON.stringify(proxiesOf(given)) === JSON.stringify([CIRCUIT]);
}

function proxiesOf(given: ProxyAnswer): CircuitProxy[] {
  return Array.isArray(given) ? given.map(({ host, port }) => ({ host: host.toLowerCase(), port })) : [];
}

describe('the answer of the Firefox listener', () => {
  it('leaves the request to the person’s own proxy setting while nothing is steered', () => {
    expect(answer({}, { active: false })).toEqual({ type: 'direct' });
  });

  it('is null for a normal tab: only that lifts the dead proxy of the setting', () => {
    expect(answer({ tabId: 2 })).toBeNull();
  });

  it('is the circuit for a private tab, with a key of its own for each tab and each start', () => {
    const first = answer({ tabId: 1 });
    expect(first).toSatisfy(isCircuit);
    const later = firefoxAnswer(
      plainPolicy,
      { url: 'https://example.com/', tabId: 1, type: 'image' },
      NOW,
      'two',
      SELF,
    );
    const otherIdentity = answer({ tabId: 1 }, { identity: 1 });
    expect(new Set([first, answer({ tabId: 3 }), later, otherIdentity].map(keyOf)).size).toBe(4);
    expect(answer({ tabId: 1, type: 'image' })).toEqual(first);
  });

  it('spells the proxy’s name in a way of its own for each key, and in one way for each', () => {
    const hostOf = (tabId: number, start: string): string => {
      const given = firefoxAnswer(
        { ...plainPolicy, privateTabs: [] },
        { url: 'https://example.com/', tabId, type: 'image' },
        NOW,
        start,
        SELF,
      );
      return Array.isArray(given) ? (given[0]?.host ?? '') : '';
    };
    const tabs = Array.from({ length: 100 }, (_, index) => index + 10);
    const spellings = tabs.flatMap((tab) => [hostOf(tab, 'one'), hostOf(tab, 'two')]);
    expect(new Set(spellings).size).toBe(200);
    expect(new Set(spellings.map((host) => host.toLowerCase()))).toEqual(new Set([CIRCUIT.host]));
    expect(hostOf(10, 'one')).toBe(hostOf(10, 'one'));
  });

  it('names the spares behind the circuit in use, all under one key', () => {
    const answered = answer({}, { circuits: [CIRCUIT, SPARE] });
    expect(proxiesOf(answered)).toEqual([CIRCUIT, SPARE]);
    expect(new Set((answered as ProxyInfo[]).map(({ connectionIsolationKey: key }) => key)).size).toBe(1);
  });

  it('has a key of its own for each site of a tab, whatever the page loads from elsewhere', () => {
    const page = answer({ type: 'main_frame', url: 'https://shop.example/' });
    const parts: Partial<ProxyRequest>[] = [
      { url: 'https://cdn.example/a.js', documentUrl: 'https://shop.example/cart' },
      { url: 'https://ads.example/', type: 'sub_frame', documentUrl: 'https://shop.example/' },
      {
        url: 'https://cdn.example/b.js',
        documentUrl: 'https://ads.example/',
        frameAncestors: [{ url: 'https://middle.example/' }, { url: 'https://shop.example/' }],
      },
    ];
    for (const part of parts) expect(keyOf(answer(part))).toBe(keyOf(page));
    const other = answer({ type: 'main_frame', url: 'https://bank.example/', documentUrl: 'https://shop.example/' });
    expect(keyOf(other)).not.toBe(keyOf(page));
  });

  it('sends the worker’s question to exactly the circuit that is meant, and no page’s', () => {
    const url = `http://${checkHostOf(TRIAL.host)}/?nonce=1`;
    const change = { circuits: [CIRCUIT, SPARE], checked: [CIRCUIT, SPARE, TRIAL] };
    const own = { url, tabId: -1, documentUrl: BACKGROUND, originUrl: BACKGROUND };
    expect(proxiesOf(answer(own, change))).toEqual([TRIAL]);
    expect(answer(own, { checked: [CIRCUIT] })).toEqual(DEAD_ANSWER);
    for (const tabId of [1, 2, 3]) expect(answer({ url, tabId }, change)).toEqual(DEAD_ANSWER);
  });

  it('waits for a circuit exactly where one would be used', () => {
    const waits = (request: Partial<ProxyRequest>, change: Partial<RoutingPolicy> = {}): boolean =>
      waitsForCircuit(
        { ...plainPolicy, circuits: [], ...change },
        { url: 'https://example.com/', tabId: 1, type: 'image', ...request },
        NOW,
        SELF,
      );
    expect(waits({})).toBe(true);
    expect(waits({}, { circuits: [CIRCUIT] })).toBe(false);
    expect(waits({}, { active: false })).toBe(false);
    expect(waits({ tabId: 2 })).toBe(false);
    expect(waits({ url: 'http://192.168.1.1/' })).toBe(false);
    expect(waits({ tabId: -1, documentUrl: BACKGROUND })).toBe(false);
  });

  it('is the dead proxy for what is blocked, and for a URL without a host', () => {
    expect(answer({}, { circuits: [] })).toEqual(DEAD_ANSWER);
    expect(answer({ url: 'not a url' })).toEqual(DEAD_ANSWER);
    expect(answer({ url: 'http://192.168.1.1/' })).toEqual(DEAD_ANSWER);
  });

  it('lets only the extension itself dial a relay, and not a tab that the extension navigates', () => {
    const url = `wss://${RELAY_HOSTS[0]!}/`;
    expect(answer({ url, tabId: -1, documentUrl: BACKGROUND, originUrl: BACKGROUND, type: 'websocket' })).toBeNull();
    expect(answer({ url, tabId: 1, originUrl: BACKGROUND, type: 'main_frame' })).toEqual(DEAD_ANSWER);
    expect(answer({ url, tabId: -1, documentUrl: `${SELF}.evil.net/`, type: 'websocket' })).toEqual(DEAD_ANSWER);
    expect(answer({ url, tabId: 2, documentUrl: 'https://normal.example/', originUrl: BACKGROUND })).toEqual(
      DEAD_ANSWER,
    );
  });

  it('takes a navigation that the extension asked for as its tab’s', () => {
    const request = { url: 'https://example.com/', type: 'main_frame', originUrl: BACKGROUND };
    expect(requesterOf({ ...request, tabId: 2, incognito: false, cookieStoreId: 'firefox-container-7' }, SELF)).toEqual(
      {
        ...{ by: 'tab', tab: 2, opensPage: true, jar: { incognito: false, container: 'firefox-container-7' } },
      },
    );
  });

  it('takes a request that does not say so as one of a private window', () => {
    const request = { url: 'https://example.com/', type: 'image', tabId: 2 };
    expect(requesterOf(request, SELF)).toMatchObject({ jar: { incognito: true } });
    const policy = { ...plainPolicy, incognitoWholly: true, byTab: false };
    const at = (more: Partial<ProxyRequest>) => firefoxAnswer(policy, { ...request, ...more }, NOW, 'one', SELF);
    expect(at({})).toSatisfy(isCircuit);
    expect(at({ incognito: false })).toBeNull();
  });

  it('judges a request of no tab by the host of its document or script', () => {
    const worker = { tabId: -1, documentUrl: 'https://normal.example/sw.js' };
    expect(answer(worker)).toBeNull();
    expect(answer({ tabId: -1, originUrl: 'https://normal.example/sw.js' })).toBeNull();
    for (const request of [
      { ...worker, incognito: true },
      { ...worker, type: 'speculative' },
      { ...worker, documentUrl: 'https://private.example/sw.js' },
      { ...worker, documentUrl: 'about:blank' },
      { tabId: -1 },
    ]) {
      expect(answer(request)).toSatisfy(isCircuit);
    }
  });

  it('takes for the browser’s own only what no page can have caused', () => {
    const own = { url: 'https://aus5.mozilla.org/', tabId: -1 };
    expect(answer(own)).toBeNull();
    for (const request of [
      { ...own, tabId: 1 },
      { ...own, type: 'speculative' },
      { ...own, incognito: true },
      { ...own, documentUrl: 'https://private.example/worker.js' },
      { ...own, originUrl: 'https://private.example/' },
      { ...own, originUrl: 'about:blank' },
    ]) {
      expect(answer(request)).toSatisfy(isCircuit);
    }
  });

  it('I2: has one of the four forms that Firefox does not take for DIRECT by mistake', () => {
    const request = fc.record({
      url: fc.oneof(
        poolHost.map((host) => `https://${host}/`),
        fc.webUrl(),
        fc.string(),
      ),
      tabId: fc.integer({ min: -1, max: 8 }),
      type: fc.constantFrom('main_frame', 'image', 'speculative', 'websocket'),
      documentUrl: fc.oneof(
        poolHost.map((host) => `https://${host}/`),
        fc.string(),
      ),
    });
    fc.assert(
      fc.property(activePolicy, request, (policy, details) => {
        const given = firefoxAnswer(policy, details, NOW, 'one', SELF);
        if (given === null || (!Array.isArray(given) && given.type === 'direct')) return;
        const list = Array.isArray(given) ? given : [given];
        // An empty list is DIRECT, and so is one with a direct among its proxies.
        expect(list.length).toBeGreaterThan(0);
        for (const { failoverTimeout, ...each } of list) {
          expect(Object.keys(each).sort()).toEqual(['connectionIsolationKey', 'host', 'port', 'type']);
          expect(each.type).toBe('https');
          expect(each.host.length).toBeGreaterThan(0);
          expect(each.port).toBeGreaterThan(0);
          if (failoverTimeout !== undefined) expect(Number.isInteger(failoverTimeout)).toBe(true);
        }
      }),
    );
    fc.assert(
      fc.property(activePolicy, request, (policy, details) => {
        expect(firefoxAnswer(policy, details, NOW, 'one', SELF)).not.toEqual({ type: 'direct' });
      }),
    );
  });
});
