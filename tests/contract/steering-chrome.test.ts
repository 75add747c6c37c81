// The Steering port on real Chromium: what the PAC and the rules do together, and the facts about the browser that they rest on.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import {
  blockingRules,
  closingRules,
  RESOURCE_TYPES,
  type BlockingRules,
} from '../../src/core/routing/blocking-rules.ts';
import { LOCAL_URL_PATTERNS } from '../../src/core/routing/local-hosts.ts';
import type { RoutingPolicy } from '../../src/core/routing/policy.ts';
import { isAllowed } from '../support/dnr.ts';
import { runPac } from '../support/pac.ts';
import {
  CIRCUIT,
  DIRECT,
  NORMAL_HOST,
  OTHER_HOST,
  OTHER_RELAY_HOST,
  PRIVATE_HOST,
  RELAY_HOST,
  startLab,
  type Lab,
} from '../support/steering-lab.ts';
import type { LabWrite } from '../support/steering-lab-worker.ts';

const START_MS = 60_000;

describe('the steering of Chromium', () => {
  let lab: Lab;
  let normal: DrivenTab;
  let secret: DrivenTab;

  beforeAll(async () => {
    lab = await startLab('chromium');
    normal = await lab.browser.openTab(lab.url(NORMAL_HOST));
    secret = await lab.browser.openTab(lab.url(PRIVATE_HOST));
  }, START_MS);
  afterAll(() => lab.close());
  afterEach(async () => {
    expect(await lab.apply({ active: false })).toEqual({ value: true });
  });

  const tabs = () => ({ privateTabs: [secret.id], normalTabs: [normal.id] });
  const asExtension = async (expression: string): Promise<unknown> =>
    JSON.parse(String(await lab.browser.asExtension(`${expression}.then(JSON.stringify)`)));
  const value = async (message: Parameters<Lab['call']>[0]) => {
    const reply = await lab.call(message);
    return 'value' in reply ? reply.value : reply.error;
  };
  /** Registers the site's service worker in the tab and has it fetch from `host`. */
  const seenByWorker = async (tab: DrivenTab, host: string) =>
    String(
      await tab.evaluate(`(async () => {
        await navigator.serviceWorker.register('/sw.js');
        const { active } = await navigator.serviceWorker.ready;
        const reply = new Promise((resolve) => (navigator.serviceWorker.onmessage = ({ data }) => resolve(data)));
        active.postMessage(${JSON.stringify(lab.url(host, '/who'))});
        return await reply;
      })()`),
    );

  it('sends a private tab through the circuit and the normal tab beside it direct', async () => {
    expect(await lab.seen(secret, PRIVATE_HOST)).toBe(DIRECT);
    expect(await lab.apply(tabs())).toEqual({ value: true });
    expect(await lab.call({ call: 'control' })).toEqual({ value: { holder: 'ours' } });
    expect(await lab.seen(secret, PRIVATE_HOST)).toBe(CIRCUIT);
    expect(await lab.seen(secret, OTHER_HOST)).toBe(CIRCUIT);
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(DIRECT);
    expect(await lab.seen(normal, `cdn.${NORMAL_HOST}`)).toBe(DIRECT);
    expect(await lab.seen(normal, `my${NORMAL_HOST}`)).toBe(CIRCUIT);
  });

  it('I7: closes a host of normal tabs to private and unknown tabs, without a connection of any kind', async () => {
    await lab.apply(tabs());
    const unknown = await lab.browser.openTab(lab.url(OTHER_HOST));
    const before = lab.site.requests.length;
    expect(await lab.seen(secret, NORMAL_HOST)).toBe('failed');
    expect(await lab.seen(unknown, NORMAL_HOST)).toBe('failed');
    expect(await lab.seen(unknown, OTHER_HOST)).toBe(CIRCUIT);
    expect(await unknown.open(lab.url(NORMAL_HOST))).toMatch(/ERR_BLOCKED_BY_CLIENT/);
    expect(lab.site.requests.slice(before).filter(({ from }) => from === DIRECT)).toEqual([]);
    await unknown.close();
  });

  it('gives a host up when a private tab comes to it', async () => {
    await lab.apply(tabs());
    expect(await lab.seen(secret, NORMAL_HOST)).toBe('failed');
    await lab.apply({ ...tabs(), privateHosts: [PRIVATE_HOST, NORMAL_HOST] });
    expect(await lab.seen(secret, NORMAL_HOST)).toBe(CIRCUIT);
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(CIRCUIT);
  });

  it('lets the service worker of a normal site out and not that of a private site', async () => {
    await lab.apply(tabs());
    expect(await seenByWorker(normal, NORMAL_HOST)).toBe(DIRECT);
    expect(await seenByWorker(secret, OTHER_HOST)).toBe(CIRCUIT);
    expect(await seenByWorker(secret, NORMAL_HOST)).toBe('failed');
  });

  it('I2: sends nothing anywhere without a circuit, the normal tab excepted', async () => {
    await lab.apply({ ...tabs(), circuits: [] });
    expect(await lab.seen(secret, PRIVATE_HOST)).toBe('failed');
    expect(await lab.seen(secret, OTHER_HOST)).toBe('failed');
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(DIRECT);
  });

  it('I2: decays to the circuit when nobody renews the direct hosts', async () => {
    await lab.apply({ ...tabs(), directUntil: Date.now() - 1 });
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(CIRCUIT);
  });

  it('lets the worker reach exactly its relays, and no page', async () => {
    await lab.apply(tabs());
    const relay = (host: string) => lab.url(host).replace('https:', 'wss:');
    expect(await value({ call: 'socket', url: relay(RELAY_HOST) })).toBe('open');
    expect(await value({ call: 'fetch', url: lab.url(RELAY_HOST, '/who') })).toBe(DIRECT);
    expect(await value({ call: 'socket', url: relay(OTHER_RELAY_HOST) })).toBe('error');
    const before = lab.site.requests.length;
    for (const host of [RELAY_HOST, OTHER_RELAY_HOST]) {
      expect(await lab.seen(normal, host)).toBe('failed');
      expect(await lab.seen(secret, host)).toBe('failed');
    }
    expect(lab.site.requests.length).toBe(before);
  });

  it('I2: takes no page for its worker that the extension loads into a tab', async () => {
    await lab.apply(tabs());
    const before = lab.site.requests.length;
    const url = lab.url(RELAY_HOST);
    // As the held page and the context menu do: the browser names the extension as the one that asks.
    await asExtension(`chrome.tabs.update(${secret.id}, { url: '${url}' })`);
    await expect
      .poll(() => asExtension(`chrome.tabs.get(${secret.id}).then(({ url, status }) => [url, status])`))
      .toEqual([url, 'complete']);
    expect(lab.site.requests.length).toBe(before);
    await secret.open(lab.url(PRIVATE_HOST));
  });

  it('I5: sends the check of the worker to the exit', async () => {
    await lab.apply(tabs());
    expect(await value({ call: 'fetch', url: 'http://circuit.conet.internal/?nonce=1' })).toMatch(/^exit saw circuit/);
  });

  it('closes the local network to private tabs and leaves it to normal ones', async () => {
    await lab.apply(tabs());
    expect(await secret.open(lab.localUrl)).toMatch(/ERR_BLOCKED_BY_CLIENT/);
    expect(lab.local.requests).toEqual([]);
    expect(await normal.open(lab.localUrl)).toBeUndefined();
    expect(await normal.text()).toBe(DIRECT);
    await secret.open(lab.url(PRIVATE_HOST));
    await normal.open(lab.url(NORMAL_HOST));
  });

  it('I1: resolves no name for a private tab but that of the circuit', async () => {
    await lab.apply(tabs());
    lab.resolved.length = 0;
    const tab = await lab.browser.openTab(lab.url(OTHER_HOST));
    expect(await tab.text()).toBe(CIRCUIT);
    await tab.evaluate(`document.head.append(Object.assign(document.createElement('link'),
      { rel: 'preconnect', href: ${JSON.stringify(lab.url(NORMAL_HOST))} }))`);
    expect(await lab.seen(tab, NORMAL_HOST)).toBe('failed');
    expect(lab.resolved.filter((name) => name.endsWith('sites.test'))).toEqual([]);
    await tab.close();
  });

  it('survives the death of its worker', async () => {
    await lab.apply(tabs());
    await lab.browser.killWorker();
    expect(await lab.seen(secret, OTHER_HOST)).toBe(CIRCUIT);
    expect(await lab.seen(secret, NORMAL_HOST)).toBe('failed');
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(DIRECT);
    expect(await lab.apply(tabs())).toEqual({ value: true });
  });

  it('holds WebRTC and prediction while it steers, and gives everything back', async () => {
    const state = () =>
      asExtension(`Promise.all([chrome.proxy.settings.get({}), chrome.privacy.network.networkPredictionEnabled.get({}),
        chrome.privacy.network.webRTCIPHandlingPolicy.get({}), chrome.declarativeNetRequest.getDynamicRules(),
        chrome.declarativeNetRequest.getSessionRules()])`);
    const before = await state();
    await lab.apply(tabs());
    const during = (await state()) as [{ value: { pacScript: { mandatory: boolean } } }, ...{ value: unknown }[]];
    expect(during[0].value.pacScript.mandatory).toBe(true);
    expect([during[1]?.value, during[2]?.value]).toEqual([false, 'disable_non_proxied_udp']);
    await lab.apply({ active: false });
    expect(await state()).toEqual(before);
    expect(await lab.seen(secret, NORMAL_HOST)).toBe(DIRECT);
  });

  it('writes nothing when the policy has not changed', async () => {
    const policy = lab.policy(tabs());
    await lab.call({ call: 'apply', policy });
    expect(await value({ call: 'writes' })).not.toEqual([]);
    for (let count = 0; count < 20; count++) await lab.call({ call: 'apply', policy });
    expect(await value({ call: 'writes' })).toEqual([]);
  });

  it('I1: has no moment between two policies in which a private tab gets out', async () => {
    const steps: Partial<RoutingPolicy>[] = [
      tabs(),
      { ...tabs(), normalHosts: [NORMAL_HOST, OTHER_HOST] },
      { ...tabs(), normalHosts: [OTHER_HOST] },
      { ...tabs(), normalHosts: [NORMAL_HOST], relayHosts: [OTHER_RELAY_HOST], relayZones: [] },
      { ...tabs(), normalHosts: [], relayHosts: [] },
      tabs(),
      { ...tabs(), circuits: [{ host: 'bad host', port: 1 }] },
      { ...tabs(), normalHosts: [OTHER_HOST] },
    ];
    await value({ call: 'writes' });
    for (const step of steps) await lab.apply(step);
    const writes = (await value({ call: 'writes' })) as LabWrite[];
    expect(writes.length).toBeGreaterThan(steps.length);
    const open: string[] = [];
    for (const [index, { verb, pac, dynamic, session }] of writes.entries()) {
      const rules = { dynamic, session } as BlockingRules;
      for (const host of [NORMAL_HOST, OTHER_HOST, PRIVATE_HOST, RELAY_HOST, OTHER_RELAY_HOST]) {
        const request = { host, tabId: secret.id, initiator: PRIVATE_HOST, type: 'image' };
        // Before the first PAC nothing is private yet.
        const route = pac === undefined ? 'not steered' : runPac(pac, Date.now())(host);
        if (route === 'DIRECT' && isAllowed(rules, request)) open.push(`${index} ${verb}: ${host}`);
      }
    }
    expect(open).toEqual([]);
    // The moments are told apart: without rules the same PACs let hosts out.
    expect(writes.some(({ pac }) => pac !== undefined && runPac(pac, Date.now())(NORMAL_HOST) === 'DIRECT')).toBe(true);
  });

  it('ends 20 changes in a row in the last one', async () => {
    const calls = Array.from({ length: 20 }, (_, index) => lab.apply(index % 2 === 0 ? { active: false } : tabs()));
    await Promise.all(calls);
    expect(await lab.seen(secret, OTHER_HOST)).toBe(CIRCUIT);
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(DIRECT);
  });

  it.each([
    ['a proxy that is none', { circuits: [{ host: 'bad host', port: 1 }] }],
    ['a relay that is no name', { relayHosts: ['bad relay'] }],
  ])('I2: locks private tabs in for %s', async (_what, change) => {
    await lab.apply(tabs());
    expect(await lab.apply({ ...tabs(), ...change })).toMatchObject({ code: 'bad-policy' });
    for (const host of [PRIVATE_HOST, NORMAL_HOST, OTHER_HOST]) expect(await lab.seen(secret, host)).toBe('failed');
    expect(await secret.open(lab.url(OTHER_HOST))).toMatch(/ERR_BLOCKED_BY_CLIENT/);
    expect(await lab.apply(tabs())).toEqual({ value: true });
    expect(await secret.open(lab.url(PRIVATE_HOST))).toBeUndefined();
    expect(await lab.seen(secret, OTHER_HOST)).toBe(CIRCUIT);
  });

  it.each([
    // The browser refuses one without any text.
    ['emptied', `' '`],
    ['replaced by rubbish', `'no script'`],
    ['replaced by one that goes direct', `'function FindProxyForURL() { return "DIRECT"; }'`],
  ])('I2: closes at once when its PAC is %s, and says that it has to be set again', async (_what, data) => {
    await lab.apply(tabs());
    const before = ((await value({ call: 'changes' })) as unknown[]).length;
    await asExtension(
      `chrome.proxy.settings.set({ value: { mode: 'pac_script', pacScript: { data: ${data}, mandatory: true } }, scope: 'regular' }).then(() => true)`,
    );
    await expect.poll(() => secret.open(lab.url(OTHER_HOST))).toMatch(/ERR_BLOCKED_BY_CLIENT/);
    for (const host of [PRIVATE_HOST, OTHER_HOST]) expect(await lab.seen(secret, host)).toBe('failed');
    // Rules of the session need no disk, and wait for no policy that is just being put into force.
    const closed = closingRules({ extensionId: 'x', resourceTypes: RESOURCE_TYPES }).map(({ id }) => id);
    const ofSession = (await asExtension('chrome.declarativeNetRequest.getSessionRules()')) as { id: number }[];
    expect(ofSession.map(({ id }) => id)).toEqual(expect.arrayContaining(closed));
    expect(((await value({ call: 'changes' })) as unknown[]).slice(before)).toContainEqual({ holder: 'free' });
    expect(await lab.apply(tabs())).toEqual({ value: true });
    expect(await secret.open(lab.url(PRIVATE_HOST))).toBeUndefined();
    expect(await lab.seen(secret, OTHER_HOST)).toBe(CIRCUIT);
  });

  it('knows the resource types and patterns of this browser', async () => {
    const types = (await asExtension(
      'Promise.resolve(Object.values(chrome.declarativeNetRequest.ResourceType))',
    )) as string[];
    expect(types.sort()).toEqual([...RESOURCE_TYPES].sort());
    for (const regex of LOCAL_URL_PATTERNS) {
      const question = JSON.stringify({ regex });
      expect(await asExtension(`chrome.declarativeNetRequest.isRegexSupported(${question})`)).toEqual({
        isSupported: true,
      });
    }
  });

  it('matches rules as the model of the property tests does', async () => {
    await lab.apply(tabs());
    const rules = blockingRules(lab.policy(tabs()), { extensionId: 'x', resourceTypes: RESOURCE_TYPES });
    const type = 'xmlhttprequest';
    const hosts = [
      NORMAL_HOST,
      `cdn.${NORMAL_HOST}`,
      `my${NORMAL_HOST}`,
      OTHER_HOST,
      'nas',
      'nas.',
      'a.local',
      'a.local.',
      '10.0.0.1',
    ];
    hosts.push(
      '172.16.0.1',
      '172.32.0.1',
      '[::1]',
      '[2001:db8::1]',
      '[fd00::1]',
      'local.sites.test',
      'circuit.conet.internal',
    );
    hosts.push(
      'x.circuit.conet.internal',
      'conet.internal',
      RELAY_HOST,
      'localhost',
      'a.localhost',
      '100.64.0.1',
      '100.128.0.1',
    );
    for (const [tab, initiator] of [
      [secret, PRIVATE_HOST],
      [normal, NORMAL_HOST],
    ] as const) {
      for (const host of hosts) {
        const expected = isAllowed(rules, { host, tabId: tab.id, initiator, type });
        const request = { url: `https://${host}:1/`, initiator: `https://${initiator}`, type, tabId: tab.id };
        const found = (await asExtension(
          `chrome.declarativeNetRequest.testMatchOutcome(${JSON.stringify(request)})`,
        )) as { matchedRules: { ruleId: number }[] };
        const all = [...rules.dynamic, ...rules.session];
        const real = found.matchedRules.every(
          ({ ruleId }) => all.find(({ id }) => id === ruleId)?.action.type !== 'block',
        );
        expect([host, tab.id, real]).toEqual([host, tab.id, expected]);
      }
    }
  });
});
