// Answers what the popup's view of activity asks, out of the worker's counts. Joined into the handlers by background/app.ts.

import type { ActivityView, HopTraffic } from '../../src/core/activity/activity-view.ts';
import { unitsOf } from '../../src/core/activity/costs.ts';
import { lastDays } from '../../src/core/activity/day-totals.ts';
import { circuitsInUse } from '../../src/core/circuit/circuit-state.ts';
import { formatAmount } from '../../src/core/payment/amount.ts';
import { quotePrice } from '../../src/core/payment/quote.ts';
import { circuitCell } from '../../src/core/state/cells.ts';
import { tabsInMode, type TabRecords } from '../../src/core/state/tab-records.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import type { MessageData, MessageReply, MessageType } from '../../src/messages/protocol.ts';
import type { Payments } from '../payments/payments.ts';
import type { Traffic } from '../payments/traffic.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { SpeedTest } from './speed-test.ts';
import type { Activity } from './activity.ts';

type ActivityType = Extract<MessageType, `activity/${string}`>;
export type ActivityHandlers = { [T in ActivityType]: (data: MessageData<T>) => Promise<MessageReply<T>> };

export type ActivityMessagesDeps = {
  cells: Cells;
  ready: Promise<void>;
  activity: Activity;
  speed: SpeedTest;
  traffic: Pick<Traffic, 'bytes'>;
  payments: Pick<Payments, 'session' | 'network'>;
  records: () => Promise<TabRecords>;
};

export function createActivityHandlers(deps: ActivityMessagesDeps): ActivityHandlers {
  const { cells, ready, activity, traffic, payments } = deps;

  const read = async (): Promise<ActivityView> => {
    await ready;
    const { days, today, costs, seconds } = await activity.state();
    const circuits = circuitsInUse(await cells.read(circuitCell));
    const { token } = NETWORKS[await payments.network()];
    const hops = new Map<string, HopTraffic>();
    for (const { entry, exit } of circuits) {
      const { bytes, atEntry, atExit } = costs.entries[entry.peer] ?? { bytes: 0, atEntry: 0, atExit: 0 };
      const { operator, region } = entry;
      const exits = [...new Set([...(hops.get(entry.peer)?.exits ?? []), exit.operator])];
      hops.set(entry.peer, {
        ...{ entry: { operator, region }, exits, bytes },
        ...{ atEntry: unitsOf(atEntry), atExit: unitsOf(atExit) },
      });
    }
    const [first] = circuits;
    const session = first === undefined ? undefined : payments.session(first.entry.peer);
    return {
      seconds,
      keepsDays: days.keeps,
      days: days.keeps
        ? lastDays(days.days, today).map(({ day, bytes, spent }) => ({ day, bytes, spent: formatAmount(spent) }))
        : [],
      tabs: tabsInMode(await deps.records(), 'private').flatMap((tab) => {
        const use = activity.ofTab(tab, traffic.bytes(tab).tab);
        return use === undefined ? [] : [{ tab, ...use }];
      }),
      hops: [...hops.values()],
      price:
        first === undefined
          ? null
          : {
              perMib: session?.isPaid === true ? formatAmount(quotePrice(session.terms)) : '0',
              freeBytes:
                session?.isPaid !== false || session.freeBytes === undefined ? null : Number(session.freeBytes),
            },
      speed: deps.speed.view(),
      currency: { symbol: token.symbol, decimals: token.decimals },
    };
  };
  return {
    'activity/read': read,
    'activity/start-speed': async () => {
      await ready;
      return deps.speed.start();
    },
    'activity/cancel-speed': () => Promise.resolve(deps.speed.cancel()),
    'activity/keep-days': async ({ wanted }) => {
      await ready;
      await activity.keepDays(wanted);
      return read();
    },
  };
}
