import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEAD_ANSWER,
  firefoxAnswer,
  requesterOf,
  type ProxyAnswer,
  type ProxyRequest,
} from '../../../src/platform/firefox-answer.ts';
import type { RoutingPolicy } from '../../../src/core/routing/policy.ts';
import { activePolicy, CIRCUIT, NOW, plainPolicy, poolHost, RELAY_HOSTS } from '../../support/routing.ts';

const SELF = 'moz-extension://6d6f7373-2d61-4e64-ad6c-616e7465726e';
const BACKGROUND = `${SELF}/_generated_background_page.html`;

function answer(request: Partial<ProxyRequest>, change: Partial<RoutingPolicy> = {}) {
  const whole = { url: 'https://example.com/', tabId: 1, type: 'xmlhttprequest', ...request };
  return firefoxAnswer({ ...plainPolicy, ...change }, whole, NOW, 'one', SELF);
}

/** In any spelling (spelling.ts). */
function isCircuit(given: ProxyAnswer): boolean {
  return given?.type === 'https' && given.host.toLowerCase() === CIRCUIT.host && given.port === CIRCUIT.port;
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
    const keys = [first, answer({ tabId: 3 }), later].map(
      (each) => each?.type === 'https' && each.connectionIsolationKey,
    );
    expect(new Set(keys).size).toBe(3);
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
      return given?.type === 'https' ? given.host : '';
    };
    const tabs = Array.from({ length: 100 }, (_, index) => index + 10);
    const spellings = tabs.flatMap((tab) => [hostOf(tab, 'one'), hostOf(tab, 'two')]);
    expect(new Set(spellings).size).toBe(200);
    expect(new Set(spellings.map((host) => host.toLowerCase()))).toEqual(new Set([CIRCUIT.host]));
    expect(hostOf(10, 'one')).toBe(hostOf(10, 'one'));
  });

  it('is the dead proxy for what is blocked, and for a URL without a host', () => {
    expect(answer({}, { circuit: undefined })).toEqual(DEAD_ANSWER);
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
        ...{ by: 'tab', tab: 2, jar: { incognito: false, container: 'firefox-container-7' } },
      },
    );
  });

  it('takes a request that does not say so as one of a private window', () => {
    const request = { url: 'https://example.com/', type: 'image', tabId: 2 };
    expect(requesterOf(request, SELF)).toMatchObject({ jar: { incognito: true } });
    const policy = { ...plainPolicy, incognitoWholly: true, byTab: false };
    const at = (more: Partial<ProxyRequest>) => firefoxAnswer(policy, { ...request, ...more }, NOW, 'one', SELF);
    expect(at({})).toMatchObject({ type: 'https', port: CIRCUIT.port });
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
        if (given === null || given.type === 'direct') return;
        expect(Object.keys(given).sort()).toEqual(['connectionIsolationKey', 'host', 'port', 'type']);
        expect(given.type).toBe('https');
        expect(given.host.length).toBeGreaterThan(0);
        expect(given.port).toBeGreaterThan(0);
      }),
    );
    fc.assert(
      fc.property(activePolicy, request, (policy, details) => {
        expect(firefoxAnswer(policy, details, NOW, 'one', SELF)).not.toEqual({ type: 'direct' });
      }),
    );
  });
});
