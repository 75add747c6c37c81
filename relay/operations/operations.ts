// How a running relay is operated: what may change while it runs and who is told of it, its metrics, whether it is ready, and the two servers that say so. Built first by relay/relay.ts, so that
// /healthz answers while the rest is being built; the roles are made known when they are there.

import type { Logger } from 'pino';
import type { CertificateSource } from '../certificates/certificate-source.ts';
import { ConfigError } from '../config/load.ts';
import { formatHostPort } from '../config/parts.ts';
import type { RelayConfig } from '../config/schema.ts';
import { contactText } from '../contact/contact-page.ts';
import { serveContact } from '../contact/serve-contact.ts';
import type { Entry } from '../entry/entry.ts';
import { BlockListError, readBlockList, type BlockList } from '../exit/block-list.ts';
import { BlockLists } from '../exit/block-lists.ts';
import type { ExitProxy, ExitRules } from '../exit/exit-proxy.ts';
import type { Exit } from '../exit/exit.ts';
import type { Identity } from '../identity.ts';
import { logEvent, type RelayEvent } from '../log.ts';
import type { ListeningHttp } from '../net/listen-http.ts';
import { openWhenFree } from './beside.ts';
import { createMetrics, type MetricFacts, type Metrics } from './metrics.ts';
import { ceilingsOf, Pressure, readSystem, readUsage, type Shortage } from './pressure.ts';
import { unreadyReasons, type ReadinessFacts } from './readiness.ts';
import { planReload } from './reload-plan.ts';
import { serveOperations } from './server.ts';

type KnownEntry = { entry: Entry; certificate: CertificateSource };
type KnownExit = { exit: Exit; proxy: ExitProxy; certificate: CertificateSource; configured: number };

/** Throws `BlockListError`: an exit whose lists are not in force would serve what its operator said it does not. */
export async function createOperations(config: RelayConfig, identity: Identity, log: Logger): Promise<Operations> {
  return new Operations(config, identity, await readLists(config), log);
}

export class Operations {
  readonly metrics: Metrics;
  /** Whether there is no room for another tunnel. */
  readonly shortage: () => Shortage | undefined;
  /** What somebody reads who opens this relay's own name. */
  readonly contact: () => string | undefined;
  readonly #identity: Identity;
  readonly #log: Logger;
  readonly #pressure: Pressure;
  readonly #servers: { close(): Promise<void> | void }[] = [];
  /** In force: what the relay was started with, and what has changed since. */
  #config: RelayConfig;
  #lists: readonly BlockList[];
  #blocked: number;
  #waiting: readonly string[] = [];
  #state: 'starting' | 'running' | 'draining' = 'starting';
  #entry: KnownEntry | undefined;
  #exit: KnownExit | undefined;
  #reloading: Promise<void> = Promise.resolve();

  constructor(config: RelayConfig, identity: Identity, lists: readonly BlockList[], log: Logger) {
    this.#config = config;
    this.#identity = identity;
    this.#lists = lists;
    this.#blocked = new BlockLists(lists).size;
    this.#log = log;
    this.#pressure = new Pressure(ceilingsOf(config.limits, readSystem()));
    this.shortage = () => this.#pressure.shortage();
    this.contact = () => this.#contactText();
    this.metrics = createMetrics(() => this.#facts());
  }

  /**
   * Both servers, where they are configured. Throws `ListenError`.
   * @param beside another relay of this name has them until it ends
   */
  async serve(beside: boolean): Promise<void> {
    const { operations, contact } = this.#config;
    const log = this.#log;
    const open = async (what: string, create: () => Promise<ListeningHttp>, event: RelayEvent): Promise<void> => {
      const opening = async (): Promise<ListeningHttp> => {
        const server = await create();
        logEvent(log, event, { listens: formatHostPort(server.address) });
        return server;
      };
      this.#servers.push(await openWhenFree(opening, { beside, what, log }));
    };
    if (operations !== undefined) {
      const unready = () => unreadyReasons(this.#readiness(), Date.now());
      const init = { listen: operations.listen, metrics: this.metrics, unready };
      await open('operations.listen', () => serveOperations(init), 'operations-ready');
    }
    const page = contact?.listen;
    if (page !== undefined) await open('contact.listen', () => serveContact(page, this.contact), 'contact-ready');
  }

  /** What running tunnels get at the end, ms. */
  drainMs(): number {
    return this.#config.drainSeconds * 1000;
  }

  hasEntry(known: KnownEntry): void {
    this.#entry = known;
  }

  hasExit(known: KnownExit): void {
    this.#exit = known;
  }

  started(): void {
    this.#state = 'running';
  }

  draining(): void {
    this.#state = 'draining';
  }

  /** Places of the configuration that wait for a start. */
  waiting(): readonly string[] {
    return this.#waiting;
  }

  /** What the exit serves, as it is in force. */
  rules(): ExitRules {
    const { allow, denyPorts, perSecond } = this.#config.exit?.destinations ?? { allow: [], denyPorts: [] };
    return { allow, denyPorts, perSecond, lists: this.#lists, contact: this.#contactText() };
  }

  /** One after another. Never rejects. */
  reload(read: () => Promise<RelayConfig>): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reload(read));
    return this.#reloading;
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(async (server) => server.close()));
  }

  async #reload(read: () => Promise<RelayConfig>): Promise<void> {
    try {
      const { inForce, changed, waiting } = planReload(this.#config, await read());
      // All that can fail comes before the first change.
      const lists = await readLists(inForce);
      this.#apply(inForce, lists);
      this.#waiting = waiting;
      this.metrics.reloaded('applied');
      this.#inWords(
        () => logEvent(this.#log, 'config-reloaded', { changed, blocked: this.#blocked }),
        inForce.log.level,
      );
      if (waiting.length > 0) this.#log.warn({ event: 'config-waits', places: waiting }, 'these wait for a start');
    } catch (error) {
      this.metrics.reloaded('refused');
      const lines =
        error instanceof ConfigError
          ? error.lines
          : // What others throw may quote anything.
            [error instanceof BlockListError ? error.message : 'the configuration could not be read'];
      this.#log.error({ event: 'config-refused', lines }, 'the configuration is wrong: nothing has changed');
    }
  }

  #apply(config: RelayConfig, lists: readonly BlockList[]): void {
    this.#config = config;
    this.#lists = lists;
    this.#blocked = new BlockLists(lists).size;
    this.#pressure.change(ceilingsOf(config.limits, readSystem()));
    this.#entry?.entry.change(config.limits);
    this.#exit?.exit.change(config.limits);
    this.#exit?.proxy.change?.(this.rules());
  }

  /** At the level of before or of now, whichever shows it. */
  #inWords(say: () => void, level: string): void {
    const isShown = this.#log.isLevelEnabled('info');
    if (isShown) say();
    this.#log.level = level;
    if (!isShown) say();
  }

  #contactText(): string | undefined {
    const { contact, operator, entry, exit } = this.#config;
    const roles = { entry: entry !== undefined, exit: exit !== undefined };
    return contact && contactText({ contact, operator, peer: this.#identity.label, roles });
  }

  #readiness(): ReadinessFacts {
    return {
      started: this.#state !== 'starting',
      draining: this.#state === 'draining',
      certificates: this.#certificates(),
      ...(this.#exit && { entriesConnected: this.#exit.exit.status().entries.length }),
    };
  }

  #certificates(): { role: 'entry' | 'exit'; notAfter: number }[] {
    const of = (role: 'entry' | 'exit', known: KnownEntry | KnownExit | undefined) =>
      known === undefined ? [] : [{ role, notAfter: known.certificate.current().notAfter }];
    return [...of('entry', this.#entry), ...of('exit', this.#exit)];
  }

  #facts(): MetricFacts {
    const [entry, exit] = [this.#entry?.entry, this.#exit];
    const atEntry = entry?.status();
    const atExit = exit?.exit.status();
    const held = entry?.held();
    return {
      ready: unreadyReasons(this.#readiness(), Date.now()).length === 0,
      draining: this.#state === 'draining',
      certificates: this.#certificates(),
      usage: readUsage(),
      ceilings: this.#pressure.ceilings,
      ...(atEntry &&
        held && {
          entry: {
            ...{ tunnels: atEntry.tunnels, links: atEntry.exits.length, leases: entry?.leases?.count() },
            ...{ connections: held.connections, hellos: held.pending, data: held.data },
          },
        }),
      ...(atExit &&
        exit && {
          exit: {
            ...{ tunnels: atExit.tunnels, links: atExit.entries.length },
            ...{ configured: exit.configured, blocked: this.#blocked, data: exit.exit.held().data },
          },
        }),
    };
  }
}

async function readLists({ exit }: RelayConfig): Promise<BlockList[]> {
  return Promise.all((exit?.blockLists ?? []).map(readBlockList));
}
