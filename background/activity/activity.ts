// What the popup shows of the activity of private tabs, and the totals of days that are kept. Fed by the worker's own count (background/payments/traffic.ts) and by each
// voucher; written some seconds after, so that a worker that is killed loses at most `SAVE_MS` of it. Built in background/app.ts.

import { addToDay, DAYS_NOT_KEPT, NO_DAYS, type DayTotals } from '../../src/core/activity/day-totals.ts';
import type { TabTraffic } from '../../src/core/activity/activity-view.ts';
import { NO_COSTS, unitsOf, withCost, type Costs, type Price } from '../../src/core/activity/costs.ts';
import { RecentSeconds } from '../../src/core/activity/recent-seconds.ts';
import { costsCell, dayTotalsCell, trafficDayCell } from '../../src/core/state/cells.ts';
import { NO_TRAFFIC_DAY } from '../../src/core/traffic/parse-traffic.ts';
import type { Known } from '../../src/core/traffic/traffic-count.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { Clock } from '../../src/ports/host.ts';
import { today } from '../today.ts';

export type Activity = {
  /** Bytes of the entry with that peer id are known to have passed. */
  known: (peer: string, known: Known) => void;
  /** A voucher was promised for so much more, base units. */
  spent: (amount: bigint) => void;
  /** Takes up what is stored. */
  begin: () => Promise<void>;
  keepsDays: () => Promise<boolean>;
  /** Turned off, what is kept is gone when this resolves. */
  keepDays: (wanted: boolean) => Promise<void>;
  /** Of a tab that so many bytes are known of; undefined: none are. */
  ofTab: (tab: number, bytes: bigint | undefined) => TabTraffic | undefined;
  /** As of now, with what is not written yet. */
  state: () => Promise<{ days: DayTotals; today: number; costs: Costs; seconds: number[] }>;
};

export type ActivityDeps = {
  cells: Cells;
  clock: Clock;
  /** What passes an entry costs now. */
  priceOf: (peer: string) => Price;
  /** Something that the popup shows is another, at most once a second. */
  changed: () => void;
  report: (error: unknown) => void;
};

/** Below the 30 s after which a worker with nothing to do is ended; one write for all that a page asks for. */
const SAVE_MS = 5_000;
/** A person reads no faster. */
const SHOW_MS = 1_000;

export function createActivity({ cells, clock, priceOf, changed, report }: ActivityDeps): Activity {
  const seconds = new RecentSeconds();
  let costs = NO_COSTS;
  let waiting = { bytes: 0, spent: 0n };
  let saving = false;
  let showing = false;

  const after = (ms: number, act: () => void): void => clock.timeout(ms).addEventListener('abort', act);

  const save = async (): Promise<void> => {
    const more = waiting;
    waiting = { bytes: 0, spent: 0n };
    if (more.bytes > 0 || more.spent > 0n)
      await cells.update(dayTotalsCell, (days) => addToDay(days, today(clock), more));
    await cells.update(costsCell, () => costs);
  };
  const changedNow = (): void => {
    if (!saving) {
      saving = true;
      after(SAVE_MS, () => {
        saving = false;
        save().catch(report);
      });
    }
    if (showing) return;
    showing = true;
    after(SHOW_MS, () => {
      showing = false;
      changed();
    });
  };

  return {
    known: (peer, { tab, bytes, from, to }) => {
      seconds.add({ bytes, from, to });
      costs = withCost(costs, { peer, tab, bytes }, priceOf(peer));
      waiting = { ...waiting, bytes: waiting.bytes + bytes };
      changedNow();
    },
    spent: (amount) => {
      waiting = { ...waiting, spent: waiting.spent + amount };
      changedNow();
    },
    begin: async () => {
      costs = await cells.read(costsCell);
    },
    keepsDays: async () => (await cells.read(dayTotalsCell)).keeps,
    keepDays: async (wanted) => {
      waiting = { bytes: 0, spent: 0n };
      await cells.update(dayTotalsCell, (days) => (days.keeps === wanted ? days : wanted ? NO_DAYS : DAYS_NOT_KEPT));
      // The wallet's sum of today is a day's total too.
      if (!wanted) await cells.update(trafficDayCell, () => NO_TRAFFIC_DAY);
    },
    ofTab: (tab, bytes) =>
      bytes === undefined ? undefined : { bytes: Number(bytes), cost: unitsOf(costs.tabs[String(tab)] ?? 0) },
    state: async () => {
      const stored = await cells.read(dayTotalsCell);
      const days = waiting.bytes === 0 && waiting.spent === 0n ? stored : addToDay(stored, today(clock), waiting);
      return { days, today: today(clock), costs, seconds: seconds.until(clock.now()) };
    },
  };
}
