// The count of traffic as it is stored: plain numbers and text, which storage carries as they are. Read by src/core/state/cells.ts.

import { asBoolean, asNumber, asObject, asOneOf, asText } from '../state/parse.ts';
import type { AnswerBody } from './request-news.ts';
import type { EntryCount, OpenRequest, TrafficState } from './traffic-count.ts';

/** `epoch` names the beginning that is counted from (src/core/session/payer-channel.ts). */
export type StoredTraffic = TrafficState & { epoch: string };

/** `day`: days since the epoch, by the clock on this device's wall. */
export type TrafficDay = { day: number; bytes: number };
export const NO_TRAFFIC_DAY: TrafficDay = { day: 0, bytes: 0 };

const asBytes = (value: unknown): number => Math.max(0, asNumber(value));

function mapOf<T>(value: unknown, each: (value: unknown) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(asObject(value)).map(([key, one]) => [key, each(one)]));
}

export function parseTraffic(value: unknown): StoredTraffic {
  const { epoch, entries, open, tabs, seenTo } = asObject(value);
  return {
    epoch: asText(epoch),
    entries: mapOf(entries, parseEntry),
    open: mapOf(open, parseOpen),
    tabs: mapOf(tabs, asBytes),
    seenTo: seenTo === undefined ? undefined : asNumber(seenTo),
  };
}

function parseEntry(value: unknown): EntryCount {
  const { least, most, blur } = asObject(value);
  return { least: asBytes(least), most: asBytes(most), blur: asBytes(blur) };
}

function parseOpen(value: unknown): OpenRequest {
  const { tab, begun, sends, isSocket, isPage, entry, body } = asObject(value);
  return {
    tab: asNumber(tab),
    begun: asNumber(begun),
    sends: asBoolean(sends),
    isSocket: asBoolean(isSocket),
    isPage: asBoolean(isPage),
    entry: entry === undefined ? undefined : asText(entry),
    body: parseBody(body),
  };
}

function parseBody(value: unknown): AnswerBody {
  const { is, bytes, partial } = asObject(value);
  const kind = asOneOf(is, ['awaited', 'none', 'announced', 'events', 'unknown']);
  return kind === 'announced' ? { is: kind, bytes: asBytes(bytes), partial: asBoolean(partial) } : { is: kind };
}

export function parseTrafficDay(value: unknown): TrafficDay {
  const { day, bytes } = asObject(value);
  return { day: asNumber(day), bytes: asBytes(bytes) };
}

/** The bytes of a day, and more. As the money paid on it (src/core/payment/budget.ts): a clock that was set back opens no new day. */
export function onTrafficDay(before: TrafficDay, day: number, more = 0): TrafficDay {
  return day > before.day ? { day, bytes: more } : { ...before, bytes: before.bytes + more };
}
