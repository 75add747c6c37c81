// I2 where an administrator has fixed the browser's proxy, to none at all: nothing is called private, the person reads why, and nothing of the
// tab that was to be private leaves. In Chromium policies come and go while it runs, and so does what is said; Firefox reads them at its start.

import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CABLE, EXIT_ADDRESSES } from '../../devnet/laboratory/plan.ts';
import { delay, type DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import { BADGE, SWITCH, waitForBadge } from '../../devnet/private-tab.ts';
import { startHarness, texts, type Harness, type HarnessBrowser } from './harness/harness.ts';
import { isOfRun, leakOptions } from './harness/options.ts';
import { reloadPolicies } from './harness/policies.ts';

/** Chromium's lies beside the policy of the harness, which uses another key. */
const POLICIES = {
  chromium: {
    file: '/etc/chromium/policies/managed/proxy.json',
    text: JSON.stringify({ ProxySettings: { ProxyMode: 'direct' } }),
  },
  firefox: {
    file: '/etc/firefox/policies/policies.json',
    text: JSON.stringify({ policies: { Proxy: { Mode: 'none', Locked: true } } }),
  },
} as const;
/** A request that leaks is on the wire within this. */
const SETTLE_MS = 2000;
/** The steering looks again within half a minute where the browser tells it nothing. */
const LOOK_AGAIN_MS = 60_000;
const SAID = /Your administrator has fixed the browser’s proxy/;

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe.runIf(isOfRun('chromium')).each(leakOptions().browsers)('%s', (name) => {
  const normal = `normal.managed-${name}.test`;
  const home = `home.managed-${name}.test`;
  const policy = POLICIES[name];
  let browser: HarnessBrowser;
  let secret: DrivenTab;

  beforeAll(async () => {
    await writeFile(policy.file, policy.text);
    browser = await harness.launch(name);
    secret = await browser.openTab(`https://${home}/`);
    await browser.openTab(`https://${normal}/`);
  });
  afterAll(async () => {
    await browser.close();
    await rm(policy.file, { force: true });
  });

  /** Whatever the tab can send, by a page that is still there and by new ones. */
  const tryAll = async (round: string): Promise<string[]> => {
    const aim = (what: string): string => aimOf(what, round);
    const hosts = ['fetch', 'image', 'socket', 'worker', 'connect', 'page'].map(aim);
    const at = (what: string): string => `'https://${aim(what)}/'`;
    await secret.evaluate(`{
      fetch(${at('fetch')}, { mode: 'no-cors' }).catch(() => 0);
      new Image().src = ${at('image')};
      new WebSocket(${at('socket')}.replace('https', 'wss'));
      const worker = new Blob(["fetch(" + JSON.stringify(${at('worker')}) + ", { mode: 'no-cors' })"], { type: 'text/javascript' });
      new Worker(URL.createObjectURL(worker));
      document.head?.append(Object.assign(document.createElement('link'), { rel: 'preconnect', href: ${at('connect')} }));
    }`);
    await delay(SETTLE_MS);
    // Where the extension's own page stands in, it has loaded.
    await secret.open(`https://${aim('page')}/`);
    await delay(SETTLE_MS);
    return hosts;
  };
  const aimOf = (what: string, round: string): string => `${what}-${round}.managed-${name}.test`;
  const arrivals = async (hosts: readonly string[]): Promise<string[]> =>
    (await harness.server.requests(0))
      .filter(({ host }) => hosts.includes(host))
      .map(({ host, from }) => `${host} ${from}`);

  test('before the toggle everything goes direct, as the administrator says', async () => {
    const mark = await harness.mark();
    const hosts = await tryAll('control');
    expect(texts(await harness.newLeaksSince(mark, { hosts: [normal] }, hosts))).not.toEqual([]);
    expect(new Set(await arrivals(hosts))).toEqual(
      new Set(hosts.filter((host) => !host.startsWith('connect')).map((host) => `${host} ${CABLE.client.v4}`)),
    );
  });

  test('a toggle says who has fixed the proxy, calls nothing private, and nothing leaves', async () => {
    await secret.open(`https://${home}/`);
    const popup = await browser.openPopup(secret);
    await popup.click(SWITCH);
    await waitForBadge(browser, secret, BADGE.blocked);
    await popup.waitFor(`/blocked/i.test(document.querySelector('h1').textContent)`);
    expect(await popup.text()).toMatch(SAID);
    await popup.close();
    const mark = await harness.mark();
    const hosts = await tryAll('blocked');
    expect(texts(await harness.newLeaksSince(mark, { hosts: [normal] }, [home, ...hosts]))).toEqual([]);
    expect(await arrivals(hosts)).toEqual([]);
    await waitForBadge(browser, secret, BADGE.blocked);
  });

  test.runIf(name === 'chromium')('it ends with the policy, and begins again with it', async () => {
    await rm(policy.file);
    await reloadPolicies(browser);
    await waitForBadge(browser, secret, BADGE.private, LOOK_AGAIN_MS);
    const free = `free.managed-${name}.test`;
    // The tab opens its own page again by itself, which may interrupt this one.
    await expect.poll(() => secret.open(`https://${free}/`), { timeout: LOOK_AGAIN_MS }).toBeUndefined();
    const froms = (await harness.server.requests(0)).filter(({ host }) => host === free).map(({ from }) => from);
    expect(froms).not.toEqual([]);
    for (const from of froms) expect(EXIT_ADDRESSES).toContain(from);

    await writeFile(policy.file, policy.text);
    await reloadPolicies(browser);
    await waitForBadge(browser, secret, BADGE.blocked, LOOK_AGAIN_MS);
    const mark = await harness.mark();
    const hosts = await tryAll('again');
    expect(texts(await harness.newLeaksSince(mark, { hosts: [normal] }, [home, ...hosts]))).toEqual([]);
    expect(await arrivals(hosts)).toEqual([]);
  });
});
