// Which day it is for the person: the one on the wall, for all that counts by days (the limits of payments, the wallet's "today", Activity).

import { localDay } from '../src/core/activity/day-totals.ts';
import type { Clock } from '../src/ports/host.ts';

/** Days since the epoch. The zone is asked each time: it changes with the person's device, and with summer time. */
export function today(clock: Pick<Clock, 'now'>): number {
  const now = clock.now();
  return localDay(now, new Date(now).getTimezoneOffset());
}
