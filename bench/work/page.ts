// A page of 60 objects over 12 hosts in real Chromium, to its load event. A fresh context each time, so that nothing is cached and no connection to its hosts is
// open; a page of another host was loaded before, so that the connection to the proxy is, as in a private tab once it is one.

import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { createHome, findBrowser, trustAuthority } from '../../devnet/browsers/home.ts';
import type { Lab } from '../lab.ts';
import { chromiumWords, type Peer, type PeerName } from '../peers/peer.ts';
import { PAGE_HOSTS, SITE } from '../peers/plan.ts';
import { PAGE_OBJECTS, PAGE_SCRIPTS } from '../site/page.ts';
import type { Work } from './work.ts';

const LOAD_MS = 120_000;
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

export function page({ rounds }: { rounds: number }): Work {
  const browsers = new Map<PeerName, Promise<Browser>>();
  return {
    name: 'page',
    metrics: [
      { key: 'load', title: 'page, load event', unit: 'ms', better: 'less', digits: 0 },
      { key: 'live-load', title: 'page with WebSocket and video, load event', unit: 'ms', better: 'less', digits: 0 },
      { key: 'socket', title: 'its WebSocket, first echo', unit: 'ms', better: 'less', digits: 0 },
      { key: 'video', title: 'its video, can play', unit: 'ms', better: 'less', digits: 0 },
    ],
    ...{ rounds, size: `${PAGE_OBJECTS} objects, ${PAGE_HOSTS.length} hosts, Chromium` },
    run: async (peer, lab) => {
      let browser = browsers.get(peer.name);
      if (browser === undefined) browsers.set(peer.name, (browser = startChromium(peer, lab)));
      const plain = await load(await browser, '/page');
      const live = await load(await browser, '/page?live');
      return { load: plain.load, 'live-load': live.load, socket: live.socket, video: live.video };
    },
    close: async () => {
      for (const browser of browsers.values()) await (await browser).close();
    },
  };
}

async function startChromium(peer: Peer, { folder, caFile }: Lab): Promise<Browser> {
  const { home, env } = await createHome(join(folder, `chromium-${peer.name}`));
  await trustAuthority(join(home, '.pki/nssdb'), caFile);
  const known = [SITE, ...PAGE_HOSTS].map(({ host, address }) => `MAP ${host} ${address}`);
  const { proxy } = peer;
  const ofProxy = proxy.kind === 'https' ? [`MAP ${proxy.host} ${proxy.address}`] : [];
  const browser = await chromium.launch({
    executablePath: findBrowser('chromium'),
    env,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      ...QUIET,
      // Direct, the names are known as they are at the proxies' side; with a proxy only its own name is asked for.
      `--host-resolver-rules=${(proxy.kind === 'none' ? known : ofProxy).join(', ')}`,
      ...chromiumWords(peer),
    ],
  });
  // The first page of a browser takes twice as long as the next: it reads its own files.
  await load(browser, '/page');
  return browser;
}

type Loaded = { load: number; socket: number; video: number };

async function load(browser: Browser, path: string): Promise<Loaded> {
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    tab.setDefaultTimeout(LOAD_MS);
    await tab.goto(`https://${SITE.host}:${SITE.https}/blank`, { timeout: LOAD_MS });
    const response = await tab.goto(`https://${PAGE_HOSTS[0]?.host ?? ''}:${SITE.https}${path}`, { timeout: LOAD_MS });
    if (response?.status() !== 200) throw new Error(`the page was answered with ${response?.status() ?? 'nothing'}`);
    const timing = await tab.evaluate<{ load: number; failed: number }>(
      `(() => { const [{ loadEventStart }] = performance.getEntriesByType('navigation');
        const failed = [...document.images].filter((image) => image.naturalWidth === 0).length + (${PAGE_SCRIPTS} - (window.scripts ?? 0));
        return { load: loadEventStart, failed }; })()`,
    );
    if (timing.failed > 0) throw new Error(`${timing.failed} objects of the page did not come`);
    if (!path.includes('live')) return { load: timing.load, socket: Number.NaN, video: Number.NaN };
    await tab.waitForFunction('window.live.socket && window.live.video', undefined, { timeout: LOAD_MS });
    const live = await tab.evaluate<{ socket: number; video: number }>('window.live');
    return { load: timing.load, ...live };
  } finally {
    await context.close();
  }
}
