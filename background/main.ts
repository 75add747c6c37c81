// The worker's first tick: every listener is registered here and now, or the browser would not wake the worker for it.
// Everything that a listener starts waits for stored state (background/app.ts, `ready`).

import { peerSeedCell } from '../src/core/state/cells.ts';
import { fromHex, toHex } from '../src/core/wallet/hex.ts';
import { createEntryClient } from '../src/net/entry-client.ts';
import { peerKeys } from '../src/net/peer-keys.ts';
import { badge } from '../src/platform/action.ts';
import { hasProxyListener } from '../src/platform/browser.ts';
import { listenToCommands } from '../src/platform/commands.ts';
import { createContainers } from '../src/platform/containers.ts';
import { deviceKeys } from '../src/platform/device-key-store.ts';
import { createDeviceSeal } from '../src/platform/device-seal.ts';
import { firstRunPage } from '../src/platform/first-run.ts';
import { incognito } from '../src/platform/incognito.ts';
import { createMenus, listenToMenus } from '../src/platform/menus.ts';
import { createNameQueries } from '../src/platform/name-queries.ts';
import { createNeighbours } from '../src/platform/neighbours.ts';
import { createNotices, listenToNotices } from '../src/platform/notices.ts';
import { listenToOmnibox } from '../src/platform/omnibox.ts';
import { chance, clock, createNudges, network, packagedRelays, updates } from '../src/platform/host.ts';
import { listenToMessages, listenToWatchers } from '../src/platform/message-listeners.ts';
import { listenToPageAnswers } from '../src/platform/page-answers.ts';
import { createPageSignals, listenToDocuments } from '../src/platform/page-signals.ts';
import { createProxiedFetch } from '../src/platform/proxied-fetch.ts';
import { createRequestWatch } from '../src/platform/request-watch.ts';
import { createSiteMenu, listenToSiteMenus } from '../src/platform/site-menus.ts';
import { createSteering } from '../src/platform/steering.ts';
import { closeStorageToPages, storageAreas } from '../src/platform/storage-areas.ts';
import { createCells } from '../src/platform/storage.ts';
import { transfers } from '../src/platform/transfers.ts';
import { listenToTabs, tabs } from '../src/platform/tabs.ts';
import { listenToLanguage } from '../src/platform/worker-language.ts';
import type { Keyring } from '../src/ports/keyring.ts';
import type { LoadRail } from '../src/ports/payment-rail.ts';
import type { App } from './app-ports.ts';
import { createApp } from './app.ts';
import { handle } from './handlers.ts';

/** In the same file, and run at the first use only: ethers would cost every start of the worker (docs/decisions/0018). */
const keyring = async (): Promise<Keyring> => (await import('../src/chain/wallet/keyring.ts')).createKeyring();

const loadRail: LoadRail = async (name) =>
  (await import('../src/chain/payment-rail.ts')).createPaymentRail({
    network: name,
    fetch: (url, init) => fetch(url, init),
  });

closeStorageToPages().catch(reportError);
const words = listenToLanguage((spoken) => {
  createMenus(spoken).catch(reportError);
  siteMenu.speak().catch(reportError);
}, reportError);
const siteMenu = createSiteMenu(words);
const cells = createCells(storageAreas());
cells.onDamaged(reportError);

const peerSeed = async (): Promise<Uint8Array> => {
  const fresh = toHex(chance.bytes(32));
  return fromHex((await cells.update(peerSeedCell, (seed) => seed ?? fresh)) ?? fresh);
};

// Firefox asks the steering before the app exists only in the sense of this line: nothing runs in between.
const app: App = createApp({
  ...{ cells, tabs, badge, clock, chance, network, updates, packagedRelays, incognito, words },
  firstRun: firstRunPage,
  containers: createContainers(words),
  neighbours: createNeighbours(),
  notices: createNotices(words),
  siteMenu,
  signals: createPageSignals(),
  steering: createSteering({
    policy: async () => (await app.restored()) ?? app.policy(),
    isolation: () => app.isolation(),
  }),
  entries: createEntryClient(peerSeed),
  keys: peerKeys,
  fetch: createProxiedFetch(),
  transfers,
  dns: createNameQueries((url, init) => fetch(url, init)),
  nudges: createNudges(),
  requests: createRequestWatch(),
  keyring,
  loadRail,
  seal: createDeviceSeal(deviceKeys),
  scope: hasProxyListener() ? 'tab' : 'site',
  // Not the function itself: called as a method of something else the browser refuses it.
  report: (error) => reportError(error),
});

listenToTabs(app.events);
listenToDocuments(app.documentCame);
listenToPageAnswers(app.answers);
listenToMessages((message, sender) => handle(app.handlers, message, sender), reportError);
listenToWatchers(app);
listenToCommands(app);
listenToNotices(reportError);
listenToMenus(app.openPrivate, words, reportError);
listenToOmnibox(app.openPrivate, words);
listenToSiteMenus(app.setSiteRule, words, reportError);
app.ready.catch(reportError);
