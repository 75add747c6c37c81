// What the popup is told of the activity of private tabs: numbers, and the names of relays in use. Tabs are numbers, which the popup itself asks the browser about:
// no host and no title passes the worker. Bytes are those that the browser knows of: at least so many passed. Amounts are decimal text in base units.

import type { SpeedView } from './speed.ts';
import type { Units } from '../payment/payment-status.ts';

/** Of a tab, since it was opened or the browser was started. `cost` "0": it was free. */
export type TabTraffic = { bytes: number; cost: Units };

export type DayView = { day: number; bytes: number; spent: Units };

export type HopTraffic = {
  entry: { operator: string; region: string };
  /** Who runs the exits behind it that are in use now. */
  exits: string[];
  /** Through the entry, and so through its exits, since the browser was started. */
  bytes: number;
  /** About; that of the exit is paid through the entry. */
  atEntry: Units;
  atExit: Units;
};

export type ActivityView = {
  /** Bytes of each second, the oldest first; the last second is not over. */
  seconds: number[];
  keepsDays: boolean;
  /** The last 30, today the last; empty where they are not kept. `day`: days since the epoch, by this device's clock and zone. */
  days: DayView[];
  tabs: ({ tab: number } & TabTraffic)[];
  hops: HopTraffic[];
  /** Of the entry in use; null: none is. `perMib`: base units for both hops, "0" while it is free. `freeBytes`: null where none are counted. */
  price: { perMib: Units; freeBytes: number | null } | null;
  speed: SpeedView;
  currency: { symbol: string; decimals: number };
};
