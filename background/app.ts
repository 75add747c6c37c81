// The composition root of the worker: joins ports and jobs, and turns every event into "change what is stored, then make the world agree".
// Synchronous to create, so that main.ts can register listeners in the first tick; everything inside waits for `ready`.

import { regionsOf } from '../src/core/circuit/exits-view.ts';
import { circuitCell, tabsCell, updateWaitingCell } from '../src/core/state/cells.ts';
import { FRESH_NAME_MS } from '../src/core/circuit/durations.ts';
import type { RoutingPolicy } from '../src/core/routing/policy.ts';
import type { PopupSnapshot } from '../src/core/state/snapshot.ts';
import { createActivity } from './activity/activity.ts';
import { createSpeedTest } from './activity/speed-test.ts';
import { createActivityHandlers } from './activity/activity-messages.ts';
import type { App, AppPorts } from './app-ports.ts';
import { createBadges } from './badges.ts';
import { createBeginPlaces } from './begin-places.ts';
import { createBlame } from './blame.ts';
import { createCheckService } from './check-service.ts';
import { createCircuits } from './circuits.ts';
import { createDebugLog } from './debug-log.ts';
import { createDirectorySync } from './directory/directory-sync.ts';
import { createOpeningKeys } from './directory/keys.ts';
import { createPastProxy } from './directory/past-proxy.ts';
import { createExitPlaces } from './exit-places.ts';
import { createExitWishes } from './exit-wishes.ts';
import { createExits } from './exits.ts';
import { createFirstRun } from './first-run.ts';
import { createFeed } from './feed.ts';
import { createHandlers } from './handlers.ts';
import { createHolding } from './holding.ts';
import { createIsolation } from './isolation.ts';
import { createExitLister } from './list-exits.ts';
import { createNotices } from './notices.ts';
import { createSignalling } from './page-signals.ts';
import { createPass } from './pass.ts';
import { createPaymentHandlers } from './payments/payment-messages.ts';
import { createPayments } from './payments/payments.ts';
import { createTraffic } from './payments/traffic.ts';
import { createPolicySource } from './policy-source.ts';
import { createPrivateTabs } from './private-tabs.ts';
import { createQueue } from './queue.ts';
import { createReconciler } from './reconciler.ts';
import { createRecovery } from './recovery.ts';
import { createRelayWishes } from './relay-wishes.ts';
import { createRivals } from './rivals.ts';
import { createRouting } from './routing.ts';
import { seedRelays } from './seed-relays.ts';
import { createSettingsJob } from './settings.ts';
import { createSiteHelp } from './site-help.ts';
import { createSiteCircuits } from './site-circuits.ts';
import { createSiteMessages } from './site-messages.ts';
import { createSiteRules } from './site-rules.ts';
import { createStored } from './stored.ts';
import { createStrictJars } from './strict-jars.ts';
import { createTabActions } from './tab-actions.ts';
import { createTabEvents } from './tab-events.ts';
import { createVerify } from './verify.ts';
import { createViews } from './views.ts';
import { createWalletHandlers } from './wallet/wallet-messages.ts';
import { createWallet } from './wallet/wallet.ts';

export function createApp(given: AppPorts): App {
  const log = createDebugLog(given);
  const ports: AppPorts = {
    ...given,
    report: (error) => {
      log.error(error);
      given.report(error);
    },
  };
  const { cells, tabs, steering, entries, keys, fetch, clock, chance, nudges, network, updates, scope, report } = ports;
  let inForce: RoutingPolicy | undefined;

  const wallet = createWallet(ports);
  const activity = createActivity({
    ...{ cells, clock, report },
    priceOf: (peer) => {
      const session = payments.session(peer);
      if (session?.isPaid !== true) return undefined;
      return { entry: session.terms.entryPricePerMiB, exit: session.terms.exitPricePerMiB };
    },
    changed: () => void feed.publish().catch(report),
  });
  const traffic = createTraffic({ ...ports, known: activity.known, keepsDays: activity.keepsDays });
  const payments = createPayments({
    ...{ cells, clock, chance, entries, keys, wallet, traffic, report, seal: ports.seal },
    packagedRelays: ports.packagedRelays,
    loadRail: ports.loadRail,
    spent: activity.spent,
    isCovered: () => inForce?.active === true && inForce.circuits.length > 0,
    leased: (peer, port) => circuits.leased(peer, port),
    abandon: async (peer) => {
      await circuits.abandon(peer);
      await reconciler.request();
    },
    tryAgain: () => circuits.tryAgain(),
  });
  const strictJars = createStrictJars(ports);
  const privateTabs = createPrivateTabs({ cells, tabs, clock, nudges, strict: strictJars.read });
  const routing = createRouting({ steering, neighbours: ports.neighbours, words: ports.words, clock, nudges, report });
  const siteRules = createSiteRules({
    ...{ cells, tabs, privateTabs, holding: () => holding },
    requestsWait: ports.scope === 'tab',
    place: async () => siteCircuits.tend(await cells.read(circuitCell)),
  });
  const rivals = createRivals({ cells, neighbours: ports.neighbours, routing });
  const policySource = createPolicySource({
    ...{ cells, tabs, clock, strict: strictJars.read, records: privateTabs.read },
    ...{ siteRules: siteRules.rules, directUntil: routing.directUntil },
  });
  const isolation = createIsolation(ports);
  const notices = createNotices(ports);
  const badges = createBadges(ports.badge, ports.words);
  const blame = createBlame({ cells, clock, report });
  const signalling = createSignalling(ports.signals, report);
  const reconciler = createReconciler(() => pass(), report);
  const exitWishes = createExitWishes({ cells, rules: siteRules.rules, scope });
  const siteCircuits = createSiteCircuits({ cells, chance, scope, wishes: exitWishes });
  const places = createExitPlaces(cells, siteCircuits, exitWishes);
  const lister = createExitLister({ cells, clock, directory: () => directory });
  const circuits = createCircuits({
    ...{ sites: siteCircuits, places, listExits: lister.tend },
    ...{ cells, entries, clock, chance, network, nudges, report, lease: payments.lease },
    ...{ blame, findRelays: (...how) => directory.find(...how) },
    verify: createVerify({ fetch, keys, chance }),
    changed: reconciler.request,
    // Firefox is told each name in another spelling by each identity (src/core/circuit/spelling.ts).
    namesKeptMs: scope === 'tab' ? 0 : FRESH_NAME_MS,
  });
  const directory = createDirectorySync({
    ...{ cells, entries, clock, chance, blame, report, changed: reconciler.request },
    exitWishes: exitWishes.needed,
    pastProxy: createPastProxy({ cells, clock, changed: reconciler.request }),
    keys: createOpeningKeys(keys, payments.rail),
    dns: ports.dns,
    servers: payments.servers,
    readRegistry: async (servers, options) => (await payments.rail()).readRegistry(servers, options),
    relaysChanged: (relays) => {
      traffic.know(relays);
      circuits.relaysChanged();
    },
  });
  const recovery = createRecovery({
    ...{ privateTabs, tabs },
    policy: () => inForce,
    reconcile: reconciler.request,
  });
  const siteHelp = createSiteHelp({ cells, clock, records: privateTabs.read });
  const views = createViews({
    ...{ ports, privateTabs, strictJars, routing, rivals, siteHelp, siteRules, exitWishes: exitWishes.all },
    traffic: (tab) => activity.ofTab(tab, traffic.bytes(tab).tab),
  });
  const feed = createFeed(views.snapshots, report);
  const heldFeed = createFeed(views.held, report);
  const holding = createHolding({
    ...{ cells, tabs, clock, privateTabs, circuits, report },
    ...{ policy: () => inForce, reconcile: reconciler.request },
    isUsable: () => routing.hold().is === 'held' && (inForce?.circuits.length ?? 0) > 0,
    requestsWait: scope === 'tab',
    publish: heldFeed.publish,
  });

  const ready = start();
  const relayWishes = createRelayWishes({
    ...{ cells, ready, known: directory.known, redraw: directory.redraw },
    ...{ giveUp: circuits.giveUp, tryAgain: circuits.tryAgain },
  });
  const beginPlaces = createBeginPlaces({
    ...{ cells, ready, directory, tryAgain: circuits.tryAgain },
    chainId: async () => (await payments.rail()).chainId,
  });
  const enqueue = createQueue(ready);
  const stored = createStored({
    ...{ cells, tabs, containers: ports.containers, seal: ports.seal, privateTabs, enqueue },
    reconcile: reconciler.request,
  });
  const pass = createPass({
    ...{ ports, strictJars, privateTabs, siteRules, policySource, routing, traffic, signalling, log, circuits, places },
    ...{ directory, badges, notices, isolation, stored },
    inForce: (policy) => {
      inForce = policy;
    },
    publish: async () => {
      await feed.publish();
      await heldFeed.publish();
    },
  });
  const firstRun = createFirstRun({ cells, page: ports.firstRun });
  ports.firstRun.onInstalled(() => after(ready, firstRun.installed));

  async function start(): Promise<void> {
    await seedRelays(ports);
    await activity.begin();
    await traffic.begin();
    if ((await cells.read(tabsCell)) === undefined) await payments.newSession();
    await privateTabs.begin();
    await reconciler.request();
    // A worker that died has left lines on which somebody waits to be paid.
    for (const peer of await payments.owed()) void circuits.holdLine(peer).catch(report);
    void firstRun.begin().catch(report);
  }

  /** The tab has another page, and nothing of what was drawn for the one before. */
  const forgetDrawn = (tab: number): void => {
    badges.forget(tab);
    signalling.forget(tab);
  };

  /** An event that changes what is stored, worked off in its turn. */
  const take = (job: () => Promise<void>): void => {
    enqueue(job).then(reconciler.request).catch(report);
  };
  /** An event that matters only while something is private. */
  const takeIfSteering = (job: () => Promise<void>): void => {
    enqueue(async () => {
      if (inForce?.active !== true) return;
      await job();
      void reconciler.request();
    }).catch(report);
  };
  /** An event that may change something; it says whether it did. */
  const look = (job: () => Promise<boolean>): void => {
    enqueue(async () => {
      if (await job()) void reconciler.request();
    }).catch(report);
  };
  const after = (before: Promise<void>, job: () => Promise<void>): void => {
    before.then(job).then(reconciler.request).catch(report);
  };
  /** What takes long, and must not hold up the events after it. */
  const follow = (job: () => Promise<void>): void => {
    after(
      enqueue(() => Promise.resolve()),
      job,
    );
  };
  const actions = createTabActions({
    ...{ ports, ready, enqueue, privateTabs, siteRules, strictJars, siteHelp, circuits },
    ...{ reconcile: reconciler.request, hostOf: views.hostOf },
  });
  const snapshot = async (tab: number): Promise<PopupSnapshot> => {
    await ready;
    return (await views.snapshots())(tab);
  };
  const exits = createExits({
    ...{ cells, ready, scope, directory, circuits, snapshot, hostOf: views.hostOf },
    ...{ wishes: exitWishes, lister },
    setPrivate: (tab) => actions.setPrivate(tab, true),
    moved: actions.loadAgain,
  });
  // What is said of circuits waits for no tab's events: with many tabs those of a few seconds stand in the queue, and each page of theirs waits for this.
  const circuitMayBeLost = (): void =>
    after(ready, async () => {
      await circuits.tryAgain();
      await circuits.ask();
    });

  steering.onGuardLost(() => {
    if (routing.guardLost()) void reconciler.request();
  });
  steering.onControlChanged((control) => {
    if (routing.controlChanged(control)) void reconciler.request();
  });
  entries.onLost((peer) => after(ready, () => circuits.lineLost(peer)));
  ports.neighbours.onAllowed(() => void reconciler.request());
  network.onOnline(circuitMayBeLost);
  network.onOffline(circuitMayBeLost);
  // Beside the pass, which waits for no wallet.
  const lockIfIdle = (): void => void wallet.lockIfIdle().catch(report);
  nudges.onNudge(() => {
    lockIfIdle();
    follow(() => Promise.resolve());
  });
  lockIfIdle();
  updates.onAvailable(() =>
    take(async () => {
      await cells.update(updateWaitingCell, () => true);
    }),
  );

  return {
    ready,
    watch: feed.watch,
    watchHeld: heldFeed.watch,
    handlers: createHandlers({
      check: createCheckService({ cells, fetch, keys, clock }),
      wallet: createWalletHandlers(wallet),
      payments: createPaymentHandlers(payments),
      activity: createActivityHandlers({
        ...{ cells, ready, activity, traffic, payments, records: privateTabs.read },
        speed: createSpeedTest(ports),
      }),
      relays: relayWishes,
      begin: beginPlaces,
      exits,
      sites: createSiteMessages({
        ...{ siteRules, enqueue, reconcile: reconciler.request },
        countries: async () => (scope === 'tab' ? regionsOf((await directory.known()).exits) : undefined),
      }),
      stored,
      log,
      settings: createSettingsJob({
        ...{ cells, enqueue, noteOpen: privateTabs.noteOpen, lockIfIdle: wallet.lockIfIdle },
        reconcile: reconciler.request,
      }),
      ...actions,
      openIncognitoSettings: () => ports.incognito.openSettings(),
      rivals: {
        turnOff: rivals.turnOff,
        tolerate: async (ids, wanted) => {
          await rivals.tolerate(ids, wanted);
          await reconciler.request();
        },
      },
      tryAgain: async () => {
        await ready;
        await circuits.tryAgain();
      },
      retryHeld: async (tab) => {
        await ready;
        await holding.retry(tab);
        await heldFeed.publish();
      },
      snapshot,
    }),

    documentCame: (tab, frame) => {
      // At once where the policy is known: the page's own scripts do not wait.
      if (inForce !== undefined) signalling.documentCame(inForce, tab, frame);
      else ready.then(() => signalling.documentCame(inForce, tab, frame)).catch(report);
    },

    toggleActive: () => void actions.toggleActive().catch(report),
    newIdentityActive: () => void actions.newIdentityActive().catch(report),
    setSiteRule: (url, wanted) => take(() => siteRules.choose(url, wanted)),

    openPrivate: (how) => void actions.openPrivate(how).catch(report),

    restored: policySource.restored,
    isolation: isolation.read,
    policy: async () => {
      await enqueue(() => Promise.resolve());
      await reconciler.settled();
      // Start-up ends with a pass, so there is one; if that failed, nothing may be taken for direct.
      if (inForce === undefined) throw new Error('no policy is in force');
      return inForce;
    },

    answers: {
      asked: siteHelp.asked,
      answered: (tab, host, refused) => takeIfSteering(() => siteHelp.answered(tab, host, refused)),
      failed: siteHelp.failed,
    },
    events: createTabEvents({
      ...{ take, takeIfSteering, look, follow, privateTabs, holding, recovery, siteHelp, siteRules, forgetDrawn },
      asked: (tab, site) => {
        if (inForce?.privateTabs.includes(tab) === true) siteCircuits.asked(site);
      },
    }),
  };
}
