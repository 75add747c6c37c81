// What a person is told of by the browser's notifications, and only that: private tabs lost their protection against somebody else, or wait for money.
// Everything else (no network, a slow relay) mends itself and stands on the page that waits. Each once, until it is over. Pure.

import type { TabId } from '../routing/policy.ts';
import { asBoolean, asObject } from './parse.ts';
import { CONFLICTS, type TabStatus } from './tab-status.ts';

export const NOTICES = ['lost', 'money'] as const;
export type NoticeKind = (typeof NOTICES)[number];

/** Those that stand: they were shown, or nobody wanted to see them. */
export type Noticed = Readonly<Record<NoticeKind, boolean>>;

export const NOTHING_NOTICED: Noticed = { lost: false, money: false };

/** @param tab one that it is about, to lead to */
export type Notice = { kind: NoticeKind; tab: TabId };

/** @returns what stands now, what has begun since, and what is over */
export function stepNotices(
  before: Noticed,
  statuses: ReadonlyMap<TabId, TabStatus>,
): { noticed: Noticed; begun: Notice[]; ended: NoticeKind[] } {
  const found = new Map<NoticeKind, TabId>();
  for (const [tab, status] of statuses) {
    const kind = kindOf(status);
    if (kind !== undefined && !found.has(kind)) found.set(kind, tab);
  }
  const begun = [...found].filter(([kind]) => !before[kind]).map(([kind, tab]) => ({ kind, tab }));
  // A tab that is still connecting may yet find the same in its way: it is over when one is private, or none wants to be.
  const settled = [...statuses.values()].every(({ is }) => is !== 'connecting');
  const ended = NOTICES.filter((kind) => before[kind] && !found.has(kind) && settled);
  const stands = (kind: NoticeKind): boolean => found.has(kind) || (before[kind] && !ended.includes(kind));
  return { noticed: { lost: stands('lost'), money: stands('money') }, begun, ended };
}

function kindOf(status: TabStatus): NoticeKind | undefined {
  if (status.is !== 'blocked') return undefined;
  if (status.why === 'payment-needed') return 'money';
  return (CONFLICTS as readonly string[]).includes(status.why) ? 'lost' : undefined;
}

/** Throws `ParseError`. */
export function parseNoticed(value: unknown): Noticed {
  const { lost, money } = asObject(value);
  return { lost: asBoolean(lost), money: asBoolean(money) };
}
