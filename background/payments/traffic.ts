// The worker's own count of what goes to entries, to hold against their claims, and what the popup shows of it. Takes the browser's news of requests while
// something is private. Stored some seconds after the news, so that a new worker counts on; what a killed one had not stored is borne as drift. Built in background/app.ts.

import type { RelayRecord } from '../../src/core/directory/relay-record.ts';
import type { RoutingPolicy } from '../../src/core/routing/policy.ts';
import type { OwnTotal } from '../../src/core/session/payer-channel.ts';
import { relaysCell, trafficCell, trafficDayCell } from '../../src/core/state/cells.ts';
import { NO_TRAFFIC_DAY, onTrafficDay } from '../../src/core/traffic/parse-traffic.ts';
import type { RequestNews } from '../../src/core/traffic/request-news.ts';
import { NO_TRAFFIC, TrafficCount, type Known, type Way } from '../../src/core/traffic/traffic-count.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { Chance, Clock } from '../../src/ports/host.ts';
import type { RequestWatch } from '../../src/ports/request-watch.ts';
import { today } from '../today.ts';

export type Traffic = {
  /** Of what went to an entry. Undefined: nobody counts, as the state is not read yet or the entry's address is not known. */
  of: (peer: string) => OwnTotal | undefined;
  bytes: (tab: number) => { tab: bigint | undefined; today: bigint };
  /** Takes up what is stored. */
  begin: () => Promise<void>;
  /** Relays that may be entries from now on. */
  know: (relays: readonly RelayRecord[]) => void;
  /** Another policy is in force. */
  follow: (policy: RoutingPolicy) => void;
};

export type TrafficDeps = {
  cells: Cells;
  clock: Clock;
  chance: Chance;
  requests: RequestWatch;
  /** Bytes that are known to have passed, of the entry with that peer id. */
  known: (peer: string, known: Known) => void;
  /** Whether the day's sum may be on disk. */
  keepsDays: () => Promise<boolean>;
  report: (error: unknown) => void;
};

/** Below the 30 s after which a worker with nothing to do is ended. */
const SAVE_MS = 3_000;
/** News that come before the stored state is read; more would be a page that floods. */
const MAX_WAITING = 1_000;

export function createTraffic({ cells, clock, chance, requests, report, ...deps }: TrafficDeps): Traffic {
  /** The first address of each entry; what goes to its others is counted there. */
  const addresses = new Map<string, string>();
  const firstOf = new Map<string, string>();
  let count: TrafficCount | undefined;
  let epoch = '';
  let day = NO_TRAFFIC_DAY;
  let policy: RoutingPolicy | undefined;
  let waiting: RequestNews[] = [];
  let saving = false;

  const wayOf = (tab: number): Way => {
    // A worker that has just started counts rather too much than too little.
    if (policy === undefined) return 'maybe';
    if (!policy.active) return 'never';
    return policy.privateTabs.includes(tab) || policy.incognitoTabs.includes(tab) ? 'always' : 'maybe';
  };

  const save = async (): Promise<void> => {
    if (count === undefined) return;
    const stored = { ...count.state, epoch };
    await cells.update(trafficCell, () => stored);
    const fresh = count.takeFresh();
    if (fresh === 0) return;
    // In memory where no day is to be on disk: the wallet's view still says what today came to.
    if (!(await deps.keepsDays())) day = onTrafficDay(day, today(clock), fresh);
    else day = await cells.update(trafficDayCell, (before) => onTrafficDay(before, today(clock), fresh));
  };
  const known = (about: Known): void => {
    const peer = [...addresses].find(([, address]) => address === about.entry)?.[0];
    if (peer !== undefined) deps.known(peer, about);
  };

  const saveSoon = (): void => {
    if (saving) return;
    saving = true;
    clock.timeout(SAVE_MS).addEventListener('abort', () => {
      saving = false;
      save().catch(report);
    });
  };

  const take = (news: RequestNews): void => {
    if (count === undefined) {
      if (waiting.length < MAX_WAITING) waiting.push(news);
      return;
    }
    const way = wayOf(news.tab);
    if (way === 'never') return;
    const isAnswer = news.is === 'answered' && news.address !== undefined;
    count.take(isAnswer ? { ...news, address: firstOf.get(news.address ?? '') ?? news.address } : news, way);
    saveSoon();
  };

  const know = (relays: readonly RelayRecord[]): void => {
    for (const { peer, entry } of relays) {
      const [first, ...others] = entry?.addresses ?? [];
      if (first === undefined) continue;
      addresses.set(peer, first);
      for (const other of others) firstOf.set(other, first);
    }
    count?.know([...addresses.values()]);
  };

  requests.start(take);

  return {
    know,

    of: (peer) => {
      const now = clock.now();
      const address = addresses.get(peer);
      count?.pass(now, policy?.active !== false);
      const total = address === undefined ? undefined : count?.total(address, now);
      if (total === undefined) return undefined;
      const { least, most, blur, pending } = total;
      return { epoch, least: BigInt(least), most: BigInt(most), blur: BigInt(blur), pending: BigInt(pending) };
    },

    bytes: (tab) => {
      const known = count?.bytesOf(tab);
      const { bytes } = onTrafficDay(day, today(clock), count?.unsaved ?? 0);
      return { tab: known === undefined ? undefined : BigInt(known), today: BigInt(bytes) };
    },

    begin: async () => {
      const stored = await cells.read(trafficCell);
      day = await cells.read(trafficDayCell);
      epoch = stored?.epoch ?? Array.from(chance.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('');
      const begun = new TrafficCount(stored ?? NO_TRAFFIC, known);
      count = begun;
      know((await cells.read(relaysCell)) ?? []);
      const came = waiting;
      waiting = [];
      came.forEach(take);
    },

    follow: (next) => {
      const wasActive = policy?.active;
      policy = next;
      const now = clock.now();
      if (next.active) {
        requests.start(take);
        const tabs = new Set([...next.privateTabs, ...next.normalTabs, ...next.incognitoTabs]);
        count?.keepTabs((tab) => tabs.has(tab), now);
      } else {
        requests.stop();
      }
      count?.pass(now, next.active);
      if (next.active || wasActive !== false) saveSoon();
    },
  };
}
