// A browser, a network of relays, and a worker that can be killed and started again on the same browser.

import type { RelayRecord } from '../../../src/core/directory/relay-record.ts';
import type { App } from '../../../background/app-ports.ts';
import { createApp } from '../../../background/app.ts';
import { handle } from '../../../background/handlers.ts';
import { decideRoute } from '../../../src/core/routing/decide-route.ts';
import { possibleCircuits } from '../../../src/core/circuit/choose-circuit.ts';
import type { RequestNews } from '../../../src/core/traffic/request-news.ts';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';
import type { EntryAddress, EntryClient } from '../../../src/ports/entry-client.ts';
import { EntryUnreachableError } from '../../../src/ports/entry-client.ts';
import type { Transfers } from '../../../src/ports/transfers.ts';
import type { NameQueries, ProxiedFetch } from '../../../src/ports/host.ts';
import { createPaymentRail } from '../../../src/chain/payment-rail.ts';
import { createKeyring } from '../../../src/chain/wallet/keyring.ts';
import type { PaymentRail } from '../../../src/ports/payment-rail.ts';
import type { PaymentStream } from '../../../src/ports/payment-stream.ts';
import { peerKeys } from '../../../src/net/peer-keys.ts';
import { createDeviceSeal, makeDeviceKey } from '../../../src/platform/device-seal.ts';
import { createCells } from '../../../src/platform/storage.ts';
import { englishWords } from '../english.ts';
import { FakeBrowser } from './browser.ts';
import { mortal, type Life } from './life.ts';
import { unspokenStream } from './lease-entry.ts';
import { createFakeNetwork, signedAnswer, type FakeNetwork } from './relays.ts';

type Answer = (url: string, exit: string) => Promise<unknown>;

/** What a request does that was given up. */
function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
    answer.then(resolve, reject);
  });
}

export class World {
  readonly browser = new FakeBrowser();
  readonly network: FakeNetwork;
  readonly reports: unknown[] = [];
  readonly reached: string[] = [];
  scope: 'tab' | 'site' = 'site';
  /** Entries that do not answer. */
  readonly dead = new Set<string>();
  /** How often all lines were ended. */
  stops = 0;
  /** Entries that a line leads to on which nothing comes back. */
  readonly mute = new Set<string>();
  /** What comes back through the proxy; the honest answer of the exit that the proxy is set to, unless a test says otherwise. */
  answer: Answer;
  /** Waited for before an entry answers. */
  gate: Promise<void> = Promise.resolve();
  entryLost: (peer: string) => void = () => undefined;
  /** The payments' stream to an entry; entries take no money unless a test says otherwise. */
  session: (peer: string) => PaymentStream | undefined = () => undefined;
  /** What a relay answers for the directory: nothing unless a test says otherwise. */
  directory: EntryClient['directory'] = () => Promise.reject(new EntryUnreachableError('it has none'));
  /** What servers of the chain say of the registry of relays; undefined: they are asked through `chainFetch`. */
  registry: PaymentRail['readRegistry'] | undefined;
  /** The bytes of a speed test: none unless a test says otherwise. */
  transfers: Transfers = {
    down: () => Promise.reject(new Error('no bytes')),
    up: () => Promise.reject(new Error('no bytes')),
  };
  /** What a resolver answers: nothing unless a test says otherwise. */
  dns: NameQueries['ask'] = () => Promise.reject(new Error('no resolver'));
  /** What chance draws. */
  draw = 0;
  /** What else the packaged file says. */
  packaged: object = {};
  /** Entries that were left again. */
  readonly left: string[] = [];
  /** Entries that there is a line to. */
  readonly lines = new Set<string>();
  /** Takes the browser's news of a request; undefined while nobody listens. */
  requestNews: ((news: RequestNews) => void) | undefined;
  /** Servers of the chain: none unless a test says otherwise. */
  chainFetch: (url: string, init: RequestInit) => Promise<Response> = () => Promise.reject(new Error('no server'));
  /** Outlives worker and browser, as in IndexedDB. */
  private readonly deviceKey = makeDeviceKey();
  private life: Life = { alive: false };
  private current: App | undefined;

  private readonly placed: readonly RelayRecord[];

  private constructor(network: FakeNetwork) {
    this.network = network;
    this.placed = [...network.records];
    this.answer = (url, exit) => this.honest(url, exit);
  }

  static async create(): Promise<World> {
    return new World(await createFakeNetwork());
  }

  honest(url: string, label: string): Promise<unknown> {
    const exit = this.network.exits.find((relay) => relay.label === label);
    if (exit === undefined) throw new Error('no such exit');
    return signedAnswer(exit, url, this.entryOf(url));
  }

  /** Nothing comes back through these exits any more, by their peers. */
  killExits(...dead: string[]): void {
    this.answer = (url, exit) => (dead.includes(exit) ? Promise.reject(new Error('gone')) : this.honest(url, exit));
  }

  /** Both entries are lost, so that the circuits are asked. */
  async askCircuits(): Promise<void> {
    for (const { label } of this.network.entries.slice(0, 2)) this.entryLost(label);
    await this.idle();
  }

  /** The entry whose address the check host in `url` begins with. */
  entryOf(url: string): string | undefined {
    const [label = ''] = new URL(url).hostname.split('.');
    // Also of entries that a test leaves out of the records, and of those that the worker has found.
    const stored = this.browser.stored.local.get('relays') as { value: RelayRecord[] } | undefined;
    return [...this.network.records, ...this.placed, ...(stored?.value ?? [])].find(({ entry }) =>
      entry?.addresses.includes(label.replaceAll('-', '.')),
    )?.peer;
  }

  get app(): App {
    if (this.current === undefined) throw new Error('no worker lives');
    return this.current;
  }

  /** Starts a worker and returns when it is ready. */
  async start(): Promise<void> {
    const life: Life = { alive: true };
    this.life = life;
    const { browser } = this;
    const cells = createCells({
      local: mortal(browser.areas.local, life),
      session: mortal(browser.areas.session, life),
    });
    cells.onDamaged((error) => this.reports.push(error));
    this.current = createApp({
      cells,
      tabs: mortal(browser.tabs, life),
      steering: mortal(browser.steering, life),
      entries: mortal(this.entries, life),
      keys: peerKeys,
      fetch: mortal(this.fetch, life),
      transfers: { down: (...asked) => this.transfers.down(...asked), up: (...asked) => this.transfers.up(...asked) },
      dns: { ask: (...question) => this.dns(...question) },
      badge: mortal(browser.badge, life),
      words: englishWords,
      signals: mortal(browser.signals, life),
      clock: browser.clock,
      chance: { draw: () => this.draw, bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
      nudges: mortal(browser.nudges, life),
      network: browser.network,
      requests: {
        start: (listener) => (this.requestNews = listener),
        stop: () => (this.requestNews = undefined),
      },
      firstRun: mortal(browser.firstRun, life),
      updates: mortal(browser.updates, life),
      siteMenu: { show: () => Promise.resolve() },
      incognito: mortal(browser.incognito, life),
      containers: mortal(browser.containerStore, life),
      notices: mortal(browser.notices, life),
      neighbours: mortal(browser.neighbourNames, life),
      packagedRelays: { read: async () => ({ relays: this.network.records, ...this.packaged }) },
      keyring: async () => createKeyring(),
      loadRail: async (network) => {
        const rail = createPaymentRail({ network, fetch: this.chainFetch });
        return { ...rail, readRegistry: (...asked) => (this.registry ?? rail.readRegistry)(...asked) };
      },
      seal: createDeviceSeal({ read: () => this.deviceKey }),
      scope: this.scope,
      report: (error) => void this.reports.push(error),
    });
    browser.tabCreated = (tab) => this.current?.events.created(tab);
    browser.tabRemoved = (tab) => this.current?.events.removed(tab);
    browser.documentCame = (tab) => {
      const url = browser.open.get(tab)?.url;
      if (url !== undefined) this.current?.events.committed({ tab, url, isMain: true, at: browser.now });
    };
    await this.current.ready;
  }

  /** The browser ends the worker, in the middle of whatever it does. */
  kill(): void {
    this.life.alive = false;
    this.current = undefined;
  }

  async restartWorker(): Promise<void> {
    this.kill();
    await this.start();
  }

  async set(tab: number, wanted: boolean): Promise<PopupSnapshot> {
    const message = { type: 'tab/set-private' as const, data: { tab, wanted } };
    return (await handle(this.app.handlers, message, { kind: 'popup', tab: undefined })) as PopupSnapshot;
  }

  async look(tab: number): Promise<PopupSnapshot> {
    const message = { type: 'tab/read' as const, data: { tab } };
    return (await handle(this.app.handlers, message, { kind: 'popup', tab: undefined })) as PopupSnapshot;
  }

  /** Resolves once a tab's status is one of these; the popup's own feed tells. */
  async until(tab: number, ...wanted: PopupSnapshot['status']['is'][]): Promise<PopupSnapshot> {
    const { promise, resolve } = Promise.withResolvers<PopupSnapshot>();
    const stop = this.app.watch(tab, (snapshot) => {
      if (wanted.includes(snapshot.status.is)) resolve(snapshot);
    });
    const snapshot = await promise;
    stop();
    return snapshot;
  }

  /** Resolves when the worker has worked off every event so far. */
  async settled(): Promise<void> {
    await this.app.policy();
  }

  /** Resolves when the worker has also done what follows from the events: nothing here takes longer than some turns of the loop. */
  async idle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      await this.settled();
    }
  }

  /** Exits by operator, in the order in which circuits are tried (`draw` is 0). */
  get circuits(): ReturnType<typeof possibleCircuits> {
    return possibleCircuits(this.network.records);
  }

  private get entries(): EntryClient {
    return {
      reach: async (entry: EntryAddress, { signal }) => {
        this.reached.push(entry.peer);
        // Anything else would send the worker's own line into the circuit that it is to build.
        if (this.browser.policy?.relayHosts.includes(entry.host) !== true)
          throw new EntryUnreachableError('steered away');
        await this.gate;
        signal.throwIfAborted();
        if (this.dead.has(entry.peer)) throw new EntryUnreachableError('dead');
        const wasThere = this.lines.has(entry.peer);
        this.lines.add(entry.peer);
        return { roundTrip: Promise.resolve(this.mute.has(entry.peer) ? undefined : 7), wasThere };
      },
      session: (peer) => Promise.resolve(this.session(peer) ?? unspokenStream(peer)),
      directory: (peer, mark, options) => this.directory(peer, mark, options),
      leave: async (peer) => {
        this.left.push(peer);
        this.lines.delete(peer);
      },
      onLost: (listener) => (this.entryLost = listener),
      stop: async () => {
        this.stops += 1;
        this.lines.clear();
      },
    };
  }

  private get fetch(): ProxiedFetch {
    return {
      json: async (url, { signal }) => {
        signal.throwIfAborted();
        const { hostname } = new URL(url);
        const { policy } = this.browser;
        const route = policy && decideRoute(policy, { host: hostname, from: { by: 'self' } }, this.browser.now);
        if (this.browser.control.holder !== 'ours' || route?.kind !== 'circuit') throw new Error('no such host');
        return await untilAborted(this.answer(url, route.proxies[0].host.split('.')[1] ?? ''), signal);
      },
    };
  }
}
