// Another extension that takes the browser's proxy, as any proxy or VPN extension does. Each time it sets something else, all of them open.
// Installed into a running browser, so that it is the newer one and wins. In Firefox it takes the proxy when it is enabled, and Firefox takes it
// back from one that is disabled. Chromium remembers what a disabled one had set, and obeys it again in the moment in which it is enabled; so
// there it takes and releases when it is told to, and comes in both ways.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCrxKey, packCrx, updateManifest } from '../../../devnet/browsers/crx.ts';
import { packXpi } from '../../../devnet/browsers/extension-copy.ts';
import { UPDATE_HOST, UPDATE_PORT } from '../../../devnet/laboratory/plan.ts';
import { reloadPolicies } from '../harness/policies.ts';
import type { SessionParts } from './parts.ts';

export const TAKER_NAME = 'Some Other Proxy';
const GECKO_ID = 'taker@other.test';
const VERSION = '1.0';
/** Beside the policy of the harness, which uses another key. */
const POLICY_FILE = '/etc/chromium/policies/managed/taker.json';
const INSTALL_MS = 60_000;
/** A message that the browser loses is sent again. */
const ANSWER_MS = 200;

/** What it sets, one after the other: all mean that whatever is not blocked goes direct, or to a place that is no entry. */
const CHROME_VALUES = [
  { mode: 'direct' },
  { mode: 'pac_script', pacScript: { data: '' } },
  { mode: 'system' },
  { mode: 'pac_script', pacScript: { data: 'function FindProxyForURL() { return ""; }', mandatory: true } },
];
const FIREFOX_VALUES = [{ proxyType: 'none' }, { proxyType: 'system' }];

export type Taker = {
  enable(): Promise<void>;
  /** Resolves when it has the proxy, by the browser's own word. Its worker has to start for that, as at the first start of any. */
  take(): Promise<void>;
  /** Gives the proxy back, and is there still. */
  release(): Promise<void>;
  /** As it is: in Chromium it comes back as it went. */
  disable(): Promise<void>;
};

const nothing = (): Promise<void> => Promise.resolve();

/** Installs it, disabled. */
export async function installTaker(session: SessionParts): Promise<Taker> {
  const folder = join(session.browser.folder, 'taker');
  await writeTaker(folder, session.name);
  return session.name === 'chromium' ? intoChromium(session, folder) : intoFirefox(session, folder);
}

async function writeTaker(folder: string, browser: SessionParts['name']): Promise<void> {
  await mkdir(folder, { recursive: true });
  const isChrome = browser === 'chromium';
  const manifest = {
    manifest_version: 3,
    name: TAKER_NAME,
    version: VERSION,
    permissions: ['proxy', 'storage'],
    background: isChrome ? { service_worker: 'take.js' } : { scripts: ['take.js'] },
    ...(isChrome ? {} : { browser_specific_settings: { gecko: { id: GECKO_ID } } }),
  };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await writeFile(
    join(folder, 'take.js'),
    `const api = globalThis.browser ?? chrome;
     const values = ${JSON.stringify(isChrome ? CHROME_VALUES : FIREFOX_VALUES)};
     const take = async () => {
       const { turn = 0 } = await api.storage.local.get('turn');
       await api.storage.local.set({ turn: turn + 1 });
       await api.proxy.settings.set({ value: values[turn % values.length] });
     };
     ${isChrome ? TAKES_WHEN_TOLD : 'take();'}`,
  );
}

const TAKES_WHEN_TOLD = `
  const verbs = { take, release: () => chrome.proxy.settings.clear({}) };
  chrome.runtime.onMessageExternal.addListener((verb, sender, reply) => {
    verbs[verb]().then(() => reply(verb));
    return true;
  });`;

async function intoChromium(session: SessionParts, folder: string): Promise<Taker> {
  const { updates } = session.harness.server.facts;
  const crx = createCrxKey();
  const base = `http://${UPDATE_HOST}:${UPDATE_PORT}`;
  await packCrx(folder, join(updates, 'taker.crx'), crx);
  await writeFile(join(updates, 'taker.xml'), updateManifest(crx.id, VERSION, `${base}/taker.crx`));
  // Not forced: a forced one could not be disabled.
  const settings = { [crx.id]: { installation_mode: 'normal_installed', update_url: `${base}/taker.xml` } };
  await writeFile(POLICY_FILE, JSON.stringify({ ExtensionSettings: settings }));
  await reloadPolicies(session.browser);
  const get = `chrome.management.get('${crx.id}').then((it) => it.enabled, () => undefined)`;
  await session.until(
    'the other extension to be installed',
    () => session.asBrowser(get) as Promise<boolean | undefined>,
    INSTALL_MS,
  );
  const set = async (enabled: boolean): Promise<void> => {
    await session.asBrowser(`chrome.management.setEnabled('${crx.id}', ${String(enabled)})`);
  };
  const tell = async (verb: 'take' | 'release'): Promise<void> => {
    const reply = `Promise.race([
      chrome.runtime.sendMessage('${crx.id}', '${verb}').catch((error) => String(error)),
      new Promise((resolve) => setTimeout(resolve, ${ANSWER_MS})),
    ])`;
    await session.until(
      `the other extension to ${verb}`,
      async () => (await session.browser.asExtension(reply)) === verb,
    );
  };
  // One that is disabled before its worker has run for the first time may not run it when it is enabled.
  await tell('release');
  await set(false);
  return {
    enable: () => set(true),
    take: () => tell('take'),
    release: () => tell('release'),
    disable: () => set(false),
  };
}

async function intoFirefox(session: SessionParts, folder: string): Promise<Taker> {
  const file = join(session.browser.folder, 'taker.xpi');
  await packXpi(folder, file);
  const addon = `AddonManager.getAddonByID('${GECKO_ID}')`;
  // Without this right Firefox lets no extension set a proxy.
  const right = `{ permissions: ['internal:privateBrowsingAllowed'], origins: [], data_collection: [] }`;
  const giveRight = `await ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs')
    .ExtensionPermissions.add('${GECKO_ID}', ${right});`;
  await session.asBrowser(`(async () => {
    const { AddonManager } = ChromeUtils.importESModule('resource://gre/modules/AddonManager.sys.mjs');
    ${giveRight}
    const file = Cc['@mozilla.org/file/local;1'].createInstance(Ci.nsIFile);
    file.initWithPath(${JSON.stringify(file)});
    const install = await AddonManager.getInstallForFile(file);
    await install.install();
    await (await ${addon}).disable();
    return true;
  })()`);
  const call = async (verb: 'enable' | 'disable'): Promise<void> => {
    await session.asBrowser(`(async () => {
      // Again each time: a browser that is killed may not have written it down yet.
      ${giveRight}
      const { AddonManager } = ChromeUtils.importESModule('resource://gre/modules/AddonManager.sys.mjs');
      await (await ${addon}).${verb}();
      return true;
    })()`);
  };
  // It takes by itself once it runs. Without the browser's word for it nobody could tell an extension that never came from one that ours overlooked.
  const holds = `(async () => {
    const { ExtensionSettingsStore } = ChromeUtils.importESModule('resource://gre/modules/ExtensionSettingsStore.sys.mjs');
    await ExtensionSettingsStore.initialize();
    return ExtensionSettingsStore.getSetting('prefs', 'proxy.settings')?.id === '${GECKO_ID}';
  })()`;
  const take = async (): Promise<void> => {
    await session.until('the other extension to take the proxy', async () => (await session.asBrowser(holds)) === true);
  };
  return { enable: () => call('enable'), take, release: nothing, disable: () => call('disable') };
}
