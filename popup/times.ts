// Moments and spans of time as people read them.

import { timeOf, unitsOf } from '../src/text/formats.ts';
import { t } from '../src/text/translate.ts';

/** In the time zone of this device. @param ms since the epoch */
export function showTime(ms: number): string {
  return timeOf(ms, { dateStyle: 'medium', timeStyle: 'short' });
}

/** `90061` seconds -> `1 d 1 h`, in the two largest units. */
export function showDuration(seconds: number): string {
  const units = [
    [Math.floor(seconds / 86_400), 'common_days'],
    [Math.floor(seconds / 3600) % 24, 'common_hours'],
    [Math.floor(seconds / 60) % 60, 'common_minutes'],
    [Math.floor(seconds) % 60, 'common_seconds'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return t('common_seconds', { count: 0 });
  const shown = units.slice(first, first + 2).filter(([count]) => count > 0);
  return unitsOf(shown.map(([count, key]) => t(key, { count })));
}
