// "Is it working?" in real browsers on a real network: green where it works, red where it does not, and a report that anybody can verify.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenPage, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { setPrivate } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { isExit, sharedTestNetwork } from '../support/devnet.ts';
import { isLong } from '../support/length.ts';

/** Both with `npm run test:long`. */
const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['chromium'];
const CHECK_MS = 60_000;
const VERDICTS = `JSON.stringify(Object.fromEntries([...document.querySelectorAll('[data-line]')].map(({ dataset }) => [dataset.line, dataset.verdict])))`;
const ALL_GOOD = { exit: 'good', dns: 'good', ipv6: 'good', workers: 'good', webrtc: 'good', gpc: 'good' };

let network: Network;
beforeAll(async () => {
  network = await sharedTestNetwork();
});
afterAll(async () => {
  await network.close();
});

describe.runIf(isLong).each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let shop: DrivenTab;
  let page: DrivenPage;

  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true });
    shop = await browser.openTab(`${network.origin('shop')}/`);
    page = await browser.openPage('pages/check/index.html');
  });
  afterAll(async () => {
    await browser.close();
  });

  const tabs = async (): Promise<number> =>
    Number(await browser.asExtension('(globalThis.browser ?? chrome).tabs.query({}).then(({ length }) => length)'));
  const verdicts = async () => JSON.parse(String(await page.evaluate(VERDICTS))) as Record<string, string>;
  const done = `!document.querySelector('button').disabled && document.querySelector('[data-verdict="good"], [data-verdict="bad"]') !== null`;
  const started = `document.querySelector('button').disabled`;

  test('says that nothing was checked while no tab is private, and changes nothing', async () => {
    await page.waitFor(`/No tab is private/.test(document.body.innerText)`);
    expect(new Set(Object.values(await verdicts()))).toEqual(new Set(['unchecked']));
  });

  test('checks from a private tab that it opens and closes, and all is green', async () => {
    const before = await tabs();
    const since = Date.now();
    await page.evaluate(`document.querySelector('button').click()`);
    await page.waitFor(started);
    await page.waitFor(done, CHECK_MS);
    expect(await verdicts()).toEqual(ALL_GOOD);
    expect(await tabs()).toBe(before);
    const [, address = ''] = /Sites see (\S+)\./.exec(await page.text()) ?? [];
    expect(address).toSatisfy(isExit);
    const asked = network.names.queries.filter(
      ({ by, at, name: each }) => by === 'https' && at >= since && /internal|stun/.test(each),
    );
    expect(asked, 'no name of a check was ever looked up').toEqual([]);
  });

  test('the report is whole: the verifier of the relay takes it, and takes no other', async () => {
    const report = JSON.parse(String(await page.evaluate(savedReport()))) as Record<string, unknown>;
    expect(verify(report)).toMatchObject({ status: 0 });
    expect(verify(report).output).toMatch(/^sealed by exit k51/);
    const exits = network.relays.filter(({ role }) => role === 'exit').map(({ label }) => label);
    expect(exits.some((label) => verify(report).output.includes(label))).toBe(true);
    expect(JSON.stringify(report)).not.toContain('127.0.0.1');
    expect(JSON.stringify(report)).not.toContain('demo.test');
    const forged = { ...report, candidates: ['relay'] };
    expect(verify(forged)).toMatchObject({ status: 1 });
    expect(verify(forged).output).toContain('was changed after the exit sealed it');
  });

  test('with a private tab open it starts by itself, and checks again when asked', async () => {
    await (await setPrivate(browser, shop, true)).close();
    await page.evaluate('window.before = true, void location.reload()');
    await page.waitFor(`window.before === undefined && ${done}`, CHECK_MS);
    expect(await verdicts()).toEqual(ALL_GOOD);
  });

  test('says red where something comes past the circuit or does not come', async () => {
    // WebRTC let loose by the person: the setting is taken from the extension for the time of the check.
    await page.evaluate(`(() => {
      const api = globalThis.browser ?? chrome;
      const { executeScript } = api.scripting;
      window.undo = () => (api.scripting.executeScript = executeScript);
      api.scripting.executeScript = (injection) =>
        injection.args?.[0]?.startsWith?.('stun.')
          ? Promise.resolve([{ result: { types: ['host'], complete: true } }])
          : executeScript.call(api.scripting, injection);
      document.querySelector('button').click();
    })()`);
    await page.waitFor(started);
    await page.waitFor(done, CHECK_MS);
    expect(await verdicts()).toEqual({ ...ALL_GOOD, webrtc: 'bad' });
    expect(await page.text()).toContain('One problem was found');
  });

  test('no web page can load or frame it, or speak for it', async () => {
    const url = String(await page.evaluate('location.href'));
    const visitor = await browser.openTab(`${network.origin('news')}/`);
    expect(
      await visitor.evaluate(`new Promise((resolve) => {
        const frame = document.createElement('iframe');
        frame.src = ${JSON.stringify(url)};
        frame.onload = frame.onerror = () => {
          try { resolve(frame.contentWindow.document.body.innerText.includes('Is it working') ? 'shown' : 'empty'); } catch { resolve('closed'); }
        };
        setTimeout(() => resolve('nothing'), 3000);
        document.body.append(frame);
      })`),
    ).not.toBe('shown');
    expect(await visitor.evaluate(`fetch(${JSON.stringify(url)}).then(() => 'read', () => 'failed')`)).toBe('failed');
    await visitor.close();
  });
});

/** What the button saves, as text. */
function savedReport(): string {
  return `new Promise((resolve) => {
    const { createObjectURL } = URL;
    HTMLAnchorElement.prototype.click = () => undefined;
    URL.createObjectURL = (blob) => { blob.text().then(resolve); return createObjectURL.call(URL, blob); };
    document.querySelector('button.second').click();
  })`;
}

function verify(report: unknown): { status: number | null; output: string } {
  const file = join(network.folder, 'report.json');
  writeFileSync(file, JSON.stringify(report));
  const main = join(import.meta.dirname, '../../relay/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'verify-report', file], { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}
