// A browser that is told of no relay begins with the registry on the chain, or with an address that the person types or scans; what they wish of relays then holds. One that knows two relays comes to know all of them by itself, and goes on when the two that it began with are gone.

import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawsOf } from '../../bench/simulate/random.ts';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS } from '../../devnet/plan.ts';
import { addressShown, BADGE, setPrivate, SWITCH, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import type { RelayRecord } from '../../src/core/directory/relay-record.ts';
import { modulesOfTerminal, photograph, type Picture } from '../support/code-picture.ts';
import { addressesOf, isExit, namesAskedByBrowser, requestsTo, startTestNetwork } from '../support/devnet.ts';
import { toPng, toY4m } from '../support/picture-files.ts';
import { isLong } from '../support/length.ts';

/** Both with `npm run test:long`. */
const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['chromium'];
/** Relays ask each other every two seconds, the extension asks when there is a circuit. */
const LEARNED_MS = 60_000;
const FIRST = ['entry-1', 'exit-1'];
const FIRST_EXIT = '127.21.0.1';
/** The first entry. */
const ENTRY = '127.11.0.1';
/** The exit elm. */
const ICELAND = '127.23.0.1';

describe.runIf(isLong)('told of no relay', () => {
  let network: Network;
  beforeAll(async () => {
    network = await startTestNetwork({ payments: true, discovery: true });
  });
  afterAll(async () => {
    await network.close();
  });

  test.each(BROWSERS)('%s: the registry on the chain says where to begin, and the tab is private', async (name) => {
    await using browser = disposable(await startBrowser(name, network, { headless: true, records: [] }));
    const shop = await browser.openTab(`${network.origin('shop')}/`);
    const since = Date.now();
    await (await setPrivate(browser, shop, true)).close();
    console.log(`${name}: private ${Date.now() - since} ms after the popup was opened, from the registry alone`);
    expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);
    // Of the demo's hosts only the two servers of the chain: nothing of the tab.
    const asked = new Set(namesAskedByBrowser(network, since).map((each) => each.replace(/^_\d+\._https\./, '')));
    const servers = network.rpcs.map((url) => new URL(url).hostname);
    expect([...asked].filter((each) => each.endsWith('demo.test')).sort()).toEqual(servers.sort());
  });

  // One browser: nothing of it is the browser’s own.
  test('chromium: a typed address alone says where to begin, and a wish changes the exit before the page is loaded again', async () => {
    await using browser = disposable(
      await startBrowser('chromium', network, { headless: true, records: [], rpcs: [] }),
    );
    const shop = await browser.openTab(`${network.origin('shop')}/`);
    // As the relay itself prints it.
    const relay = network.relays.find(({ name }) => name === 'entry-1')!;
    const [typed] = (await relay.process.waitFor('relay-ready'))['begin'] as [string];
    const popup = await browser.openPopup(shop);
    await popup.waitFor(`document.querySelector('${SWITCH}') !== null`);
    await popup.click(SWITCH);
    await waitForBadge(browser, shop, BADGE.blocked);
    await popup.evaluate("location.hash = '#/relays/begin'");
    await popup.waitFor("document.querySelector('#addresses') !== null");
    await popup.evaluate(`document.querySelector('#addresses').value = '${typed}'`);
    await popup.click('form .main');
    await waitForBadge(browser, shop, BADGE.private);
    expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);

    await popup.evaluate("location.hash = '#/relays'");
    await popup.waitFor("document.querySelector('[name=exit-region][value=IS]') !== null");
    await popup.evaluate("document.querySelector('[name=exit-region][value=IS]').click()");
    await popup.evaluate("document.querySelector('form').requestSubmit()");
    await popup.waitFor("document.querySelector('[role=status]').textContent.includes('Saved')");
    await popup.close();
    await waitForBadge(browser, shop, BADGE.private);
    const url = `${network.origin('shop')}/?wished`;
    void shop.open(url);
    await shop.waitFor(`location.href === '${url}' && document.querySelector('#address')?.textContent`, 30_000);
    expect(await addressShown(shop)).toBe(ICELAND);
  });
});

/** What there is to agree to. */
const ADD = "document.querySelector('[data-action=add]')";
const START_BUTTON = "document.querySelector('[data-action=start]')";
const START = `${START_BUTTON}.click()`;
const CAMERA_FPS = 10;

async function waitForBlocked(browser: DrivenBrowser, shop: DrivenTab): Promise<void> {
  const popup = await browser.openPopup(shop);
  await popup.waitFor(`document.querySelector('${SWITCH}') !== null`);
  await popup.click(SWITCH);
  await waitForBadge(browser, shop, BADGE.blocked);
  await popup.close();
}

/** A file that is dropped on the page. */
function dropped(png: Buffer): string {
  return `(() => {
    const bytes = Uint8Array.from(atob('${png.toString('base64')}'), (each) => each.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], 'code.png'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  })()`;
}

function disposable(browser: DrivenBrowser): DrivenBrowser & AsyncDisposable {
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() });
}

describe('told of one entry and one exit, or of nothing but a code', () => {
  let network: Network;
  const opened: { browser: DrivenBrowser; shop: DrivenTab }[] = [];
  beforeAll(async () => {
    // Without payments: an entry of the devnet has three ports for payers of one address, and here come more.
    network = await startTestNetwork({ discovery: true });
    for (const name of BROWSERS) {
      const browser = await startBrowser(name, network, { headless: true, records: packaged() });
      opened.push({ browser, shop: await browser.openTab(`${network.origin('shop')}/`) });
    }
  });
  afterAll(async () => {
    await Promise.all(opened.map(({ browser }) => browser.close()));
    await network.close();
  });

  function packaged(): RelayRecord[] {
    const [entry, exit] = ['alder', 'cedar'].map((name) => network.records.find(({ operator }) => operator === name)!);
    return [entry!, { ...exit!, exit: { ...exit!.exit!, entries: [entry!.peer] } }];
  }

  /** What `conet-relay address --qr` of the first entry prints, photographed off the terminal. */
  let shown: Picture | undefined;
  function shownByOperator(): Picture {
    if (shown !== undefined) return shown;
    const { config } = network.relays.find(({ name }) => name === 'entry-1')!;
    const main = join(import.meta.dirname, '../../relay/main.ts');
    const { stdout } = spawnSync(process.execPath, [main, 'address', '--qr', '--config', config], { encoding: 'utf8' });
    const drawn = stdout.split('\n').filter((line) => line.startsWith('\u001b['));
    const scene = { width: 1280, height: 720, module: 7, at: { x: 0.45, y: 0.5 }, turned: 6, blur: 1, noise: 6 };
    return (shown = photograph(modulesOfTerminal(drawn), scene, drawsOf(1)));
  }

  async function known(browser: DrivenBrowser): Promise<string[]> {
    const get = "(globalThis.browser ?? chrome).storage.local.get('relays').then(JSON.stringify)";
    const { relays } = JSON.parse(String(await browser.asExtension(get))) as { relays: { value: RelayRecord[] } };
    return relays.value.map(({ operator }) => operator).sort();
  }

  test.each(BROWSERS)('%s learns of all the others while its tab is private', async (name) => {
    const { browser, shop } = opened[BROWSERS.indexOf(name)]!;
    await (await setPrivate(browser, shop, true)).close();
    // It may have changed to a spare of others by now.
    expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);
    await expect
      .poll(() => known(browser), { timeout: LEARNED_MS, interval: 200 })
      .toEqual(['alder', 'birch', 'cedar', 'douglas', 'elm']);
  });

  test.runIf(isLong)(
    'chromium: the code of a relay in front of the camera and one click say where to begin',
    async () => {
      const file = join(network.folder, 'camera.y4m');
      await writeFile(file, toY4m(shownByOperator(), CAMERA_FPS));
      const args = [
        ...['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${file}`],
        '--use-fake-ui-for-media-stream',
      ];
      await using browser = disposable(
        await startBrowser('chromium', network, { headless: true, records: [], rpcs: [], args }),
      );
      const shop = await browser.openTab(`${network.origin('shop')}/`);
      await waitForBlocked(browser, shop);
      const page = await browser.openPage('pages/scan/index.html#camera');
      await page.waitFor(`${ADD} !== null`);
      expect(await page.text()).toContain(`A relay at ${ENTRY}`);
      // The light is out, and would stay so were the tab loaded again.
      expect(await page.evaluate("document.querySelector('video').srcObject === null && location.hash === ''")).toBe(
        true,
      );
      await page.evaluate(`${ADD}.click()`);
      await waitForBadge(browser, shop, BADGE.private);
      expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);
    },
  );

  test.runIf(isLong)(
    'firefox: the camera is out once nobody looks; where it is refused the page says so, and a picture that is dropped will do',
    async () => {
      const prefs = { 'media.navigator.streams.fake': true, 'permissions.default.camera': 1 };
      await using browser = disposable(
        await startBrowser('firefox', network, { headless: true, records: [], rpcs: [], prefs }),
      );
      const shop = await browser.openTab(`${network.origin('shop')}/`);
      await waitForBlocked(browser, shop);
      const page = await browser.openPage('pages/scan/index.html');
      await page.waitFor(`${START_BUTTON} !== null`);
      await page.evaluate(START);
      await page.waitFor("document.querySelector('video.seen')?.videoWidth > 0");
      await page.evaluate("void (window.tracks = document.querySelector('video').srcObject.getTracks())");
      await shop.activate();
      await page.waitFor("window.tracks.every(({ readyState }) => readyState === 'ended')");
      expect(await page.text()).toContain('The camera is off');

      // As after "Block": the browser does not ask.
      await browser.asBrowser("Services.prefs.setIntPref('permissions.default.camera', 2)");
      await page.evaluate(START);
      await page.waitFor("document.body.innerText.includes('The camera may not be used here')");
      await page.evaluate(dropped(toPng(shownByOperator())));
      await page.waitFor(`${ADD} !== null`);
      expect(await page.text()).toContain(`A relay at ${ENTRY}`);
      await page.evaluate(`${ADD}.click()`);
      await waitForBadge(browser, shop, BADGE.private);
      expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);
    },
  );

  test('the two that they began with die: their pages load again through others, and nothing of them goes direct', async () => {
    const gone = network.relays.filter(({ name }) => FIRST.includes(name));
    await Promise.all(gone.map(({ process: relay }) => relay.kill()));
    const since = Date.now();
    for (const { browser, shop } of opened) {
      const url = `${network.origin('shop')}/?after`;
      const start = Date.now();
      void shop.open(url);
      await shop.waitFor(`location.href === '${url}' && document.querySelector('#address')?.textContent`, 60_000);
      console.log(`${browser.name}: loaded again in ${Date.now() - start} ms, after the whole packaged list had died`);
      expect(await addressShown(shop)).not.toBe(FIRST_EXIT);
    }
    // What was on its way when the exit died may come after.
    expect(addressesOf(requestsTo(network, 'shop', since))).toSatisfy((seen: string[]) => seen.every(isExit));
  });
});
