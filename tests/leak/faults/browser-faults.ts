// Faults around the extension: another one takes the proxy, the person changes a setting or clicks like mad, the browser dies.

import { delay } from '../../../devnet/browsers/driven-browser.ts';
import { CABLE } from '../../../devnet/laboratory/plan.ts';
import { BADGE } from '../../../devnet/private-tab.ts';
import { happened, type Inflict } from './inflict.ts';
import { installedVersion, offerUpdate } from './update.ts';
import { askedAt, homeOf, trafficUrl } from './traffic.ts';

const CLICKS = 50;
const CLICKS_MS = 5000;
const MANY_TABS = 300;
/** Few enough that whoever drives a busy browser does not give up on one answer. */
const TABS_AT_ONCE = 20;
/** Of the preference `network.proxy.type`. */
const NO_PROXY = 0;
const UPDATE_WATCH_MS = 5000;

/** Another extension comes and takes the proxy, gives it back, and goes. */
export const proxyTaken: Inflict = async (session) => {
  const taker = session.taker();
  await taker.enable();
  await taker.take();
  return happened(async () => {
    await taker.release();
    await taker.disable();
  });
};

/** Chromium: one that was disabled while it held the proxy is enabled again, and holds it before anybody can know. */
export const proxyBack: Inflict = async (session) => {
  const taker = session.taker();
  await taker.enable();
  await taker.take();
  await taker.disable();
  await session.waitForBadge(BADGE.private);
  await taker.enable();
  await session.waitForBadge(BADGE.blocked);
  const openUntil = Date.now();
  return {
    openUntil,
    ...happened(async () => {
      await taker.release();
      await taker.disable();
    }),
  };
};

/** Chromium: the script is no script any more, which the browser takes for "everything direct" and calls ours all the same. */
export const pacEmptied: Inflict = async (session, draw) => {
  const data = draw.from([' ', 'no script', 'function FindProxyForURL() { return "DIRECT"; }']);
  const value = JSON.stringify({ mode: 'pac_script', pacScript: { data, mandatory: true } });
  await session.browser.asExtension(
    `chrome.proxy.settings.set({ value: ${value}, scope: 'regular' }).then(() => true)`,
  );
  await session.until('the script to be set again', async () => {
    const { value: now } = (await session.browser.asExtension('chrome.proxy.settings.get({})')) as {
      value: { pacScript?: { data?: string } };
    };
    return now.pacScript?.data !== data;
  });
  return { ...happened(), openUntil: Date.now() };
};

/** Firefox: the person sets "No proxy" in the browser's settings, under the extension's own. */
export const preferenceCleared: Inflict = async (session) => {
  const set = (value: number): Promise<unknown> =>
    session.asBrowser(`Services.prefs.setIntPref('network.proxy.type', ${value})`);
  const before = Number(await session.asBrowser(`Services.prefs.getIntPref('network.proxy.type')`));
  await set(NO_PROXY);
  return happened(async () => {
    await set(before);
  });
};

/** The person takes the right to all sites away, and gives it back. */
export const permissionOff: Inflict = async (session) => {
  await session.setAccess(false);
  return happened(() => session.setAccess(true));
};

/** Fifty clicks in five seconds on the switch of a third tab. What the last one said holds, and nothing of before comes after. */
export const toggleStorm: Inflict = async (session) => {
  const round = `${session.round}storm`;
  const home = homeOf('n', round);
  const tab = await session.browser.openTab(trafficUrl('n', round, home));
  const replies: Promise<unknown>[] = [];
  for (let click = 1; click <= CLICKS; click++) {
    replies.push(session.send('tab/set-private', { tab: tab.id, wanted: click % 2 === 1 }).catch(() => undefined));
    await delay(CLICKS_MS / CLICKS);
  }
  await Promise.all(replies);
  await session.setPrivate(tab, true);
  await session.until('the clicked tab to be private', async () => (await session.browser.badge(tab)).text === 'ON');
  const green = Date.now();
  const isOfStorm = ({ host }: { host: string }): boolean => host.endsWith(`.${home}`);
  await session.until('the clicked tab to go on', async () => (await session.requestsSince(green)).some(isOfStorm));
  // A site may count a request some moments after it was made.
  const direct = (await session.requestsSince(green)).filter(
    (request) =>
      isOfStorm(request) && request.from === CABLE.client.v4 && (askedAt(request.host) ?? request.at) > green,
  );
  if (direct.length > 0) throw new Error(`${direct.length} direct requests of a tab that was called private`);
  return happened(() => tab.close());
};

export const browserKilled: Inflict = async (session) => {
  await session.restart();
  return happened();
};

/** Tabs that the private one opens, all at once, and all of them private. */
export const manyTabs: Inflict = async (session) => {
  const round = `${session.round}many`;
  const url = `https://${homeOf('p', round)}/html`;
  const opener = session.privateTab.id;
  const opened: number[] = [];
  while (opened.length < MANY_TABS) {
    const ids = `(async () => {
      const { tabs } = globalThis.browser ?? chrome;
      const made = [];
      for (let each = ${opened.length}; each < ${opened.length + TABS_AT_ONCE}; each++) {
        made.push(await tabs.create({ url: '${url}?' + each, active: false, openerTabId: ${opener} }));
      }
      return JSON.stringify(made.map(({ id }) => id));
    })()`;
    opened.push(...(JSON.parse(String(await session.browser.asExtension(ids))) as number[]));
  }
  await session.until('three hundred tabs to load', async () => {
    const requests = await session.privateRequestsSince(0);
    return (
      new Set(requests.filter(({ host }) => host === homeOf('p', round)).map(({ path }) => path)).size >= MANY_TABS
    );
  });
  return happened(async () => {
    await session.browser.asExtension(
      `(globalThis.browser ?? chrome).tabs.remove(${JSON.stringify(opened)}).then(() => true)`,
    );
  });
};

/**
 * A newer version is there while a tab is private. It must wait; when the last private tab has ended, and what may linger of it, it is
 * installed. The pages of the old version go with it, so the browser is started again afterwards.
 */
export const updateWaiting: Inflict = async (session) => {
  const before = await installedVersion(session);
  await offerUpdate(session);
  // Long enough to see that it is not installed: the browser has it, and did not wait to be asked.
  await delay(UPDATE_WATCH_MS);
  if ((await installedVersion(session)) !== before) throw new Error('the update did not wait for the private tab');
  const from = Date.now();
  // The update may come before the answer to the click, and takes the page that waits for it away.
  await session.endPrivacy().catch(() => undefined);
  await session.until(
    'the update to be installed',
    async () => (await installedVersion(session).catch(() => before)) !== before,
  );
  await session.startAgain();
  return { ...happened(), unsteered: { from, until: Date.now() } };
};
