// One browser through a whole run of faults: a private tab and a normal tab that never stop asking, and the verbs that a fault and its
// oracles need. The tabs outlive their pages, and the session outlives its browser (`restart`).

import { delay, type BrowserName, type DrivenTab } from '../../../devnet/browsers/driven-browser.ts';
import { CABLE, EXIT_ADDRESSES } from '../../../devnet/laboratory/plan.ts';
import { BADGE } from '../../../devnet/private-tab.ts';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';
import type { MessageData, MessageType, Reply } from '../../../src/messages/protocol.ts';
import type { Harness, HarnessBrowser } from '../harness/harness.ts';
import type { OriginRequest } from '../harness/origin.ts';
import type { ServerRelay } from '../harness/server-calls.ts';
import type { BadgeSample } from './badge-watch.ts';
import { POPUP_WINDOW } from './popup-frame.ts';
import { setAccess } from './access.ts';
import { agreeToRestore, SAVE_SESSION, wrotePreferences, wroteSession } from './session-files.ts';
import { installTaker, type Taker } from './taker.ts';
import { homeOf, isAskedBy, trafficUrl } from './traffic.ts';

/** Bounds a hang, and asserts no speed: circuits are tried one after another, with growing waits between rounds. */
export const LIMIT_MS = 90_000;
const POLL_MS = 40;
const SAMPLE_MS = 120;
/** A person who sees that nothing happens clicks again after about as long. */
const PATIENCE_MS = 4000;

type Opened = { browser: HarnessBrowser; privateTab: DrivenTab; normalTab: DrivenTab };

/** Nothing of the private page's own is asked for before the tab is private. */
async function openTabs(harness: Harness, name: BrowserName): Promise<Opened> {
  const browser = await harness.launch(name);
  const start = `https://${homeOf('n', 'start')}/html`;
  return { browser, privateTab: await browser.openTab(start), normalTab: await browser.openTab(start) };
}

export class Session {
  readonly harness: Harness;
  readonly name: BrowserName;
  readonly samples: BadgeSample[] = [];
  /** How often a page had to be loaded again by hand. */
  nudges = 0;
  /** Relays that are starting again while the run goes on. */
  mending: Promise<unknown> = Promise.resolve();
  browser: HarnessBrowser;
  privateTab: DrivenTab;
  normalTab: DrivenTab;
  round = 'r0';
  private readonly seen: OriginRequest[] = [];
  private reading: Promise<void> = Promise.resolve();
  private watching = true;
  private other: Taker | undefined;
  private watched: Promise<void> = Promise.resolve();

  private constructor(harness: Harness, { browser, privateTab, normalTab }: Opened) {
    this.harness = harness;
    this.name = browser.name;
    this.browser = browser;
    this.privateTab = privateTab;
    this.normalTab = normalTab;
  }

  /** A browser with one private and one normal tab, both at work. */
  static async open(harness: Harness, name: BrowserName): Promise<Session> {
    const session = new Session(harness, await openTabs(harness, name));
    await session.begin();
    session.watched = session.watch();
    return session;
  }

  private async begin(): Promise<void> {
    this.other = await installTaker(this);
    await this.setPrivate(this.privateTab, true);
    await this.waitForBadge(BADGE.private);
  }

  /** A fresh profile takes over, tabs and all. */
  async startAgain(): Promise<void> {
    await this.browser.close();
    Object.assign(this, await openTabs(this.harness, this.name));
    await this.begin();
  }

  /** No tab is private any more. The page that asks for private hosts goes first. */
  async endPrivacy(): Promise<void> {
    await this.privateTab.open('about:blank');
    // After some faults nobody could say which tabs were private, so that others are as well.
    const list = `(globalThis.browser ?? chrome).tabs.query({}).then((tabs) => JSON.stringify(tabs.map(({ id }) => id)))`;
    const ids = JSON.parse(String(await this.browser.asExtension(list))) as number[];
    for (const tab of ids) await this.send('tab/set-private', { tab, wanted: false }).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.watching = false;
    await this.watched;
    await this.mending;
    await this.browser.close();
  }

  /** The other extension that wants the proxy, installed before any fault. */
  taker(): Taker {
    if (this.other === undefined) throw new Error('the session is not open');
    return this.other;
  }

  /** The person takes a right from the extension, or gives it back. */
  async setAccess(allowed: boolean): Promise<void> {
    await setAccess(this, allowed);
  }

  /** Evaluates with the browser's own rights, which its settings pages have. */
  asBrowser(expression: string): Promise<unknown> {
    return this.browser.asBrowser(expression);
  }

  /** What a click in the popup sends; the page that sends it runs none of the popup's code, so nothing else wakes the worker. */
  async send<T extends MessageType>(type: T, data: MessageData<T>): Promise<Reply<T>> {
    const message = JSON.stringify({ type, data });
    const expression = `${POPUP_WINDOW}.then(async (popup) => {
      const { runtime } = popup.browser ?? popup.chrome ?? {};
      if (runtime === undefined) return '';
      const build = runtime.getManifest().version;
      return JSON.stringify((await runtime.sendMessage({ build, ...${message} })) ?? { ok: false, error: 'internal' });
    })`;
    // The extension may load the page again that it took for a person's tab, and for a moment it is nobody's.
    const reply = await this.until(
      'a page to send from',
      async () => String(await this.browser.asExtension(expression)) || false,
    );
    return JSON.parse(reply) as Reply<T>;
  }

  async setPrivate(tab: DrivenTab, wanted: boolean): Promise<void> {
    await this.until(`the switch of tab ${tab.id} to be taken`, async () => {
      const reply = await this.send('tab/set-private', { tab: tab.id, wanted });
      return reply.ok;
    });
  }

  async status(): Promise<PopupSnapshot | undefined> {
    const reply = await this.send('tab/read', { tab: this.privateTab.id });
    return reply.ok ? reply.value : undefined;
  }

  /** Relays of the circuit that the private tab uses. */
  async circuit(): Promise<{ entry: ServerRelay; exit: ServerRelay }> {
    const { circuit } = await this.until('a circuit', async () => {
      const status = await this.status();
      return status?.circuit === undefined ? undefined : { circuit: status.circuit };
    });
    const find = (operator: string): ServerRelay => {
      const relay = this.harness.server.facts.relays.find((each) => each.operator === operator);
      if (relay === undefined) throw new Error(`no relay of ${operator}`);
      return relay;
    };
    return { entry: find(circuit.entry.operator), exit: find(circuit.exit.operator) };
  }

  relays(role: ServerRelay['role']): ServerRelay[] {
    return this.harness.server.facts.relays.filter((relay) => relay.role === role);
  }

  async badge(): Promise<string> {
    return (await this.browser.badge(this.privateTab)).text;
  }

  waitForBadge(text: string): Promise<unknown> {
    return this.until(`the badge "${text}"`, async () => (await this.badge()) === text);
  }

  /** Requests that reached sites, from that time on. */
  async requestsSince(at: number): Promise<OriginRequest[]> {
    // One after another: two that ask at once would count the same requests twice.
    this.reading = this.reading.then(async () => {
      this.seen.push(...(await this.harness.server.requests(this.seen.length)));
    });
    await this.reading;
    const first = this.seen.findIndex((request) => request.at >= at);
    return first < 0 ? [] : this.seen.slice(first);
  }

  /** Those of the private tab. */
  async privateRequestsSince(at: number): Promise<OriginRequest[]> {
    return (await this.requestsSince(at)).filter(({ host }) => isAskedBy('p', host));
  }

  /** Both tabs on fresh pages; resolves when the private one came through an exit and is called private, and the normal one goes direct. */
  async settle(round: string): Promise<void> {
    this.round = round;
    const began = Date.now();
    await Promise.all([this.loadNormal(round, began), this.loadPrivate(round, began)]);
    await this.waitForBadge(BADGE.private);
  }

  /** Loads a page in the private tab, and again like a person who waits; resolves with the time at which a site saw it come from an exit. */
  async loadPrivate(round: string, since = Date.now()): Promise<number> {
    const host = homeOf('p', round);
    const arrival = async (): Promise<number | undefined> =>
      (await this.privateRequestsSince(since)).find(
        (request) => request.host === host && EXIT_ADDRESSES.includes(request.from),
      )?.at;
    return this.loadUntil(this.privateTab, trafficUrl('p', round, homeOf('n', round)), arrival);
  }

  private async loadNormal(round: string, since: number): Promise<void> {
    const home = homeOf('n', round);
    // Its first requests may go through the circuit, until the browser knows that the host is open in a normal tab.
    await this.loadUntil(
      this.normalTab,
      trafficUrl('n', round, home),
      async () =>
        (await this.requestsSince(since)).some(
          ({ host, from }) => host.endsWith(`.${home}`) && from === CABLE.client.v4,
        ) || undefined,
    );
  }

  private async loadUntil<T>(tab: DrivenTab, url: string, arrived: () => Promise<T | undefined>): Promise<T> {
    let loading = tab.open(url).catch(() => undefined);
    let asked = Date.now();
    const what = `${url.slice(0, 40)} to load`;
    const check = async (): Promise<T | undefined> => {
      const result = await arrived();
      if (result !== undefined) return result;
      if (Date.now() - asked > PATIENCE_MS) {
        this.nudges += 1;
        asked = Date.now();
        await this.send('circuit/try-again', { tab: tab.id }).catch(() => undefined);
        await Promise.race([loading, delay(POLL_MS)]);
        loading = tab.open(url).catch(() => undefined);
      }
      return undefined;
    };
    return this.until(what, check).catch(async (error: unknown) => {
      const reply = await this.send('tab/read', { tab: tab.id }).catch(String);
      throw new Error(
        `${String(error)}; tab ${tab.id} is ${JSON.stringify(reply).slice(0, 900)}, there are ${await this.openUrls()}; held: ${await this.heldWords()}`,
        {
          cause: error,
        },
      );
    });
  }

  /** The same profile in a browser that died; its tabs come back by session restore, as far as the browser had written them down. */
  async restart(): Promise<void> {
    const { folder } = this.browser;
    if (this.name === 'firefox') await this.asBrowser(SAVE_SESSION);
    else await this.wroteAll(folder, Date.now());
    await this.browser.kill();
    if (this.name === 'chromium') await agreeToRestore(folder);
    this.browser = await this.harness.launch(this.name, { folder });
    // Pages come and go while a session is restored: whoever asks one in that moment hears nothing.
    const { p, n } = await this.until('both tabs to be restored', () => this.restored().catch(() => undefined)).catch(
      async (error: unknown) => {
        const held = await this.heldWords();
        throw new Error(`${String(error)}; there are ${await this.openUrls()}; held: ${held}`, { cause: error });
      },
    );
    this.privateTab = p;
    this.normalTab = n;
  }

  private async wroteAll(folder: string, since: number): Promise<void> {
    await this.until('the browser to write its session down', () => wroteSession(folder, since));
    await this.until('the preferences to be written', () => wrotePreferences(folder));
  }

  private async openUrls(): Promise<string> {
    const list = `(globalThis.browser ?? chrome).tabs.query({}).then((tabs) => JSON.stringify(tabs.map(({ id, url }) => [id, url?.slice(0, 60)])))`;
    return this.browser.asExtension(list).then(String, String);
  }

  /** What the page says that stands in the place of one that waits. */
  private async heldWords(): Promise<string> {
    const words = `String((globalThis.browser ?? chrome).extension.getViews({ type: 'tab' })
      .filter(({ location }) => location.pathname.startsWith('/pages/held')).map(({ document }) => document.body.innerText))`;
    return this.browser.asExtension(words).then(String, String);
  }

  private async restored(): Promise<{ p: DrivenTab; n: DrivenTab } | undefined> {
    const found: Partial<Record<'p' | 'n', DrivenTab>> = {};
    for (const tab of await this.browser.tabs()) {
      const get = `(globalThis.browser ?? chrome).tabs.get(${tab.id}).then(({ url, pendingUrl }) => pendingUrl || url)`;
      const url = String(await this.browser.asExtension(get));
      for (const who of ['p', 'n'] as const) if (url.startsWith(`https://${who}-home-`)) found[who] = tab;
    }
    return found.p !== undefined && found.n !== undefined ? { p: found.p, n: found.n } : undefined;
  }

  async until<T>(what: string, check: () => Promise<T | undefined | false>, limitMs = LIMIT_MS): Promise<T> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const value = await check();
      if (value !== undefined && value !== false) return value;
      if (Date.now() > deadline) throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`);
      await delay(POLL_MS);
    }
  }

  private async watch(): Promise<void> {
    while (this.watching) {
      // While the browser is down, and in the moments when its pages move, there is nothing to read.
      const text = await this.badge().catch(() => undefined);
      if (text !== undefined) this.samples.push({ at: Date.now(), text });
      await delay(SAMPLE_MS);
    }
  }
}
