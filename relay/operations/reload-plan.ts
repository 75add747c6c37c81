// What a changed configuration changes in a relay that runs, and what waits for its next start. Pure; used by operations.ts.

import type { RelayConfig } from '../config/schema.ts';

/** Places in the file that take effect at once, with all below them. */
export const CHANGEABLE = [
  'log.level',
  'drainSeconds',
  'limits',
  'exit.destinations',
  'exit.blockLists',
  'contact.abuse',
  'contact.note',
] as const;

export type ReloadPlan = {
  /** What takes effect, by place. */
  changed: string[];
  /** What is other than the relay has it, and stays so until it is started again. */
  waiting: string[];
  /** What is in force from now on: the old one, with what may change. */
  inForce: RelayConfig;
};

export function planReload(old: RelayConfig, next: RelayConfig): ReloadPlan {
  const places = differences(old, next);
  const isChangeable = (place: string): boolean =>
    CHANGEABLE.some((known) => place === known || place.startsWith(`${known}.`));
  return {
    changed: places.filter(isChangeable),
    waiting: places.filter((place) => !isChangeable(place)),
    inForce: {
      ...old,
      log: next.log,
      drainSeconds: next.drainSeconds,
      limits: next.limits,
      // A section that comes or goes is a role or a listener: those are there from the start.
      exit: old.exit && {
        ...old.exit,
        ...(next.exit && { destinations: next.exit.destinations, blockLists: next.exit.blockLists }),
      },
      contact: old.contact && {
        ...old.contact,
        ...(next.contact && { abuse: next.contact.abuse, note: next.contact.note }),
      },
    },
  };
}

/** Places whose values differ: the deepest that are a section on both sides. A list is one value. */
function differences(one: unknown, other: unknown, place = ''): string[] {
  if (!isSection(one) || !isSection(other)) return JSON.stringify(one) === JSON.stringify(other) ? [] : [place];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return keys.flatMap((key) => differences(one[key], other[key], place === '' ? key : `${place}.${key}`));
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
