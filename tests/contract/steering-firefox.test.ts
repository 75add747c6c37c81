// The Steering port on real Firefox: what the listener and the dead proxy behind it do together.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DrivenTab } from '../../devnet/browsers/driven-browser.ts';
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

const START_MS = 60_000;

describe('the steering of Firefox', () => {
  let lab: Lab;
  let normal: DrivenTab;
  let secret: DrivenTab;

  beforeAll(async () => {
    lab = await startLab('firefox');
    // Before the first apply of its life the background has no policy: unknown, and so blocked.
    await lab.apply({ active: false });
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

  it('sends a private tab through the circuit and the normal tab beside it direct, on one host too', async () => {
    expect(await lab.seen(secret, PRIVATE_HOST)).toBe(DIRECT);
    expect(await lab.apply(tabs())).toEqual({ value: true });
    expect(await lab.call({ call: 'control' })).toEqual({ value: { holder: 'ours' } });
    for (const host of [PRIVATE_HOST, NORMAL_HOST, OTHER_HOST]) {
      expect([host, await lab.seen(secret, host)]).toEqual([host, CIRCUIT]);
      expect([host, await lab.seen(normal, host)]).toEqual([host, DIRECT]);
    }
  });

  it('sends a tab that it does not know through the circuit', async () => {
    await lab.apply(tabs());
    const unknown = await lab.browser.openTab(lab.url(OTHER_HOST));
    expect(await unknown.text()).toBe(CIRCUIT);
    expect(await lab.seen(unknown, NORMAL_HOST)).toBe(CIRCUIT);
    await unknown.close();
  });

  it('gives each tab a connection of its own to the proxy', async () => {
    await lab.apply(tabs());
    await lab.seen(secret, OTHER_HOST);
    const before = lab.proxy.connections();
    await lab.seen(secret, OTHER_HOST);
    expect(lab.proxy.connections()).toBe(before);
    const unknown = await lab.browser.openTab(lab.url(OTHER_HOST));
    expect(lab.proxy.connections()).toBeGreaterThan(before);
    await unknown.close();
  });

  it('lets the service worker of a normal site out and not that of a private site', async () => {
    await lab.apply(tabs());
    expect(await seenByWorker(normal, NORMAL_HOST)).toBe(DIRECT);
    expect(await seenByWorker(secret, OTHER_HOST)).toBe(CIRCUIT);
    expect(await seenByWorker(secret, NORMAL_HOST)).toBe(CIRCUIT);
  });

  it('I2: sends nothing anywhere without a circuit, the normal tab excepted', async () => {
    await lab.apply({ ...tabs(), circuits: [] });
    expect(await lab.seen(secret, PRIVATE_HOST)).toBe('failed');
    expect(await lab.seen(secret, OTHER_HOST)).toBe('failed');
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(DIRECT);
  });

  it('lets the worker reach exactly its relays, and no page', async () => {
    await lab.apply(tabs());
    const relay = (host: string) => lab.url(host).replace('https:', 'wss:');
    expect(await value({ call: 'socket', url: relay(RELAY_HOST) })).toBe('open');
    expect(await value({ call: 'fetch', url: lab.url(RELAY_HOST, '/who') })).toBe(DIRECT);
    expect(await value({ call: 'fetch', url: lab.url(OTHER_RELAY_HOST, '/who') })).toBe(CIRCUIT);
    const before = lab.site.requests.length;
    for (const host of [RELAY_HOST, OTHER_RELAY_HOST]) {
      expect(await lab.seen(normal, host)).toBe('failed');
      expect(await lab.seen(secret, host)).toBe('failed');
    }
    expect(lab.site.requests.length).toBe(before);
  });

  it('I5: sends the check of the worker to the exit', async () => {
    await lab.apply(tabs());
    expect(await value({ call: 'fetch', url: 'http://circuit.conet.internal/?nonce=1' })).toMatch(/^exit saw circuit/);
  });

  it('closes the local network to private tabs and leaves it to normal ones', async () => {
    await lab.apply(tabs());
    const fetchLocal = (path: string) =>
      `fetch('${lab.localUrl}${path}', { mode: 'no-cors' }).then(() => 'reached', () => 'failed')`;
    expect(await secret.evaluate(fetchLocal('private'))).toBe('failed');
    expect(await normal.evaluate(fetchLocal('normal'))).toBe('reached');
    // A blocked navigation never ends as far as BiDi tells, and spoils its tab for the driver: a tab of its own, and no wait for it.
    const lost = await lab.browser.openTab(lab.url(OTHER_HOST));
    await lost.evaluate(`void (location.href = '${lab.localUrl}navigation')`);
    expect(await lost.evaluate(fetchLocal('again'))).toBe('failed');
    await lost.close();
    expect(lab.local.requests.map(({ path }) => path)).toEqual(['/normal']);
  });

  it('I1: resolves no name for a private tab but that of the circuit', async () => {
    await lab.apply(tabs());
    lab.resolved.length = 0;
    expect(await secret.open(lab.url(OTHER_HOST))).toBeUndefined();
    expect(await secret.text()).toBe(CIRCUIT);
    expect(lab.resolved.filter((name) => name.endsWith('sites.test'))).toEqual([]);
    await secret.open(lab.url(PRIVATE_HOST));
  });

  it('survives the end of its background, and wakes for a request', async () => {
    await lab.apply(tabs());
    await lab.browser.killWorker();
    expect(await lab.seen(secret, OTHER_HOST)).toBe(CIRCUIT);
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(DIRECT);
  });

  it('I2: blocks when the woken background cannot read the policy', async () => {
    await lab.apply(tabs());
    await asExtension('browser.storage.session.set({ policy: { active: true } }).then(() => true)');
    await lab.browser.killWorker();
    const before = lab.site.requests.length;
    expect(await lab.seen(secret, OTHER_HOST)).toBe('failed');
    expect(await lab.seen(normal, NORMAL_HOST)).toBe('failed');
    expect(lab.site.requests.length).toBe(before);
  });

  it('holds WebRTC and prediction while it steers, and gives everything back', async () => {
    const state = () =>
      asExtension(`Promise.all([browser.proxy.settings.get({}), browser.privacy.network.networkPredictionEnabled.get({}),
        browser.privacy.network.webRTCIPHandlingPolicy.get({})])`) as Promise<{ value: unknown }[]>;
    const before = await state();
    await lab.apply(tabs());
    const [proxy, prediction, rtc] = await state();
    expect(proxy?.value).toMatchObject({ proxyType: 'manual', http: '127.0.0.1:9', ssl: '127.0.0.1:9' });
    expect([prediction?.value, rtc?.value]).toEqual([false, 'disable_non_proxied_udp']);
    await lab.apply({ active: false });
    // Firefox keeps the address of a manual proxy that is not in force.
    expect((await state()).map(({ value }) => (value as { proxyType?: string }).proxyType ?? value)).toEqual(
      before.map(({ value }) => (value as { proxyType?: string }).proxyType ?? value),
    );
    expect(await lab.seen(secret, NORMAL_HOST)).toBe(DIRECT);
  });

  it('ends 20 changes in a row in the last one', async () => {
    const calls = Array.from({ length: 20 }, (_, index) => lab.apply(index % 2 === 0 ? { active: false } : tabs()));
    await Promise.all(calls);
    expect(await lab.seen(secret, OTHER_HOST)).toBe(CIRCUIT);
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(DIRECT);
  });
});
