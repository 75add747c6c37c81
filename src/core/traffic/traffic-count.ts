// This browser's own count of what went to each entry, by the news of its requests: what surely passed, and the most that may have. Pure: time comes with the
// news. Held and stored by background/payments/traffic.ts; src/core/payment/meter.ts holds it against the entry's claim.

import { FASTEST, FASTEST_EVENTS, ON_ITS_WAY, REQUEST_BYTES, UNSEEN, withFrames } from './bounds.ts';
import type { AnswerBody, RequestNews } from './request-news.ts';

/** Of one entry, by its address; cumulative. */
export type EntryCount = {
  least: number;
  most: number;
  /** The part of `most` that was bounded and not known. */
  blur: number;
};

/** A request that has not ended. */
export type OpenRequest = {
  tab: number;
  begun: number;
  sends: boolean;
  isSocket: boolean;
  isPage: boolean;
  /** Undefined: not answered yet, or not told by whom. It may be any entry's. */
  entry: string | undefined;
  body: AnswerBody;
};

export type TrafficState = {
  entries: Readonly<Record<string, EntryCount>>;
  open: Readonly<Record<string, OpenRequest>>;
  /** Bytes that are known to have passed, by tab. */
  tabs: Readonly<Record<string, number>>;
  /** Up to when `UNSEEN` was added; undefined: nothing is private. */
  seenTo: number | undefined;
};

export const NO_TRAFFIC: TrafficState = { entries: {}, open: {}, tabs: {}, seenTo: undefined };

/** More at once are of a page that means harm, or their ends were lost. The oldest is counted as one that failed. */
const MAX_OPEN = 1_000;
const MAX_TABS = 500;

/** Whether a request of that tab goes through a circuit, before the browser says who answered. */
export type Way = 'never' | 'maybe' | 'always';

const NOTHING: EntryCount = { least: 0, most: 0, blur: 0 };
const AWAITED: AnswerBody = { is: 'awaited' };

export type Total = { least: number; most: number; blur: number; pending: number };

/** Bytes that are known to have passed: of a tab (-1: of none), by the entry of that address, between two moments (ms since the epoch). */
export type Known = { tab: number; entry: string; bytes: number; from: number; to: number };

export class TrafficCount {
  readonly #onKnown: (known: Known) => void;
  readonly #entries: Map<string, EntryCount>;
  readonly #open: Map<string, OpenRequest>;
  readonly #tabs: Map<string, number>;
  #seenTo: number | undefined;
  /** Known bytes since it was last asked. */
  #fresh = 0;

  constructor({ entries, open, tabs, seenTo }: TrafficState, onKnown: (known: Known) => void = () => undefined) {
    this.#onKnown = onKnown;
    this.#entries = new Map(Object.entries(entries));
    this.#open = new Map(Object.entries(open));
    this.#tabs = new Map(Object.entries(tabs));
    this.#seenTo = seenTo;
  }

  get state(): TrafficState {
    return {
      entries: Object.fromEntries(this.#entries),
      open: Object.fromEntries(this.#open),
      tabs: Object.fromEntries(this.#tabs),
      seenTo: this.#seenTo,
    };
  }

  /** The addresses of entries: what goes anywhere else is not counted. Known ones stay. */
  know(addresses: readonly string[]): void {
    for (const address of addresses) if (!this.#entries.has(address)) this.#entries.set(address, NOTHING);
  }

  take(news: RequestNews, way: Way): void {
    if (news.is === 'begun') this.#begin(news, way);
    else if (news.is === 'answered') this.#answer(news, way);
    else this.#end(news.id, news);
  }

  /** Time goes on with something private, or stands still. */
  pass(now: number, isPrivate: boolean): void {
    const since = this.#seenTo;
    this.#seenTo = isPrivate ? Math.max(now, since ?? now) : undefined;
    if (!isPrivate) for (const id of this.#open.keys()) this.#end(id, { at: now, how: 'failed' });
    if (since === undefined || now <= since) return;
    for (const entry of this.#entries.keys())
      this.#add(entry, { least: 0, most: UNSEEN * (now - since), blur: UNSEEN * (now - since) });
  }

  /** Tabs that are gone take their sockets with them. */
  keepTabs(exists: (tab: number) => boolean, now: number): void {
    for (const [id, { tab, isSocket }] of this.#open) {
      if (isSocket && tab >= 0 && !exists(tab)) this.#end(id, { at: now, how: 'failed' });
    }
  }

  total(entry: string, now: number): Total | undefined {
    const settled = this.#entries.get(entry);
    if (settled === undefined) return undefined;
    let known = 0;
    let since = now;
    for (const request of this.#open.values()) {
      if (request.entry !== undefined && request.entry !== entry) continue;
      const most = mostOf(request, now);
      if (most === undefined) since = Math.min(since, request.begun);
      else known += most;
    }
    const pending = known + FASTEST * (now - since);
    return { ...settled, most: settled.most + pending, pending };
  }

  bytesOf(tab: number): number | undefined {
    return this.#tabs.get(String(tab));
  }

  /** What `takeFresh` would answer. */
  get unsaved(): number {
    return this.#fresh;
  }

  /** What came to be known since the last call. */
  takeFresh(): number {
    const fresh = this.#fresh;
    this.#fresh = 0;
    return fresh;
  }

  #begin({ id, tab, at, sends, isSocket, isPage }: Extract<RequestNews, { is: 'begun' }>, way: Way): void {
    if (this.#open.has(id)) this.#end(id, { at, how: 'redirected' });
    if (way === 'never') return;
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MAX_OPEN && oldest !== undefined) this.#end(oldest, { at, how: 'failed' });
    this.#open.set(id, { tab, begun: at, sends, isSocket, isPage, entry: undefined, body: AWAITED });
  }

  #answer({ id, tab, at, address, body }: Extract<RequestNews, { is: 'answered' }>, way: Way): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    if (request.isPage) this.#endSockets(tab, at);
    const entry = address !== undefined && this.#entries.has(address) ? address : undefined;
    // Chrome does not say of a WebSocket who answered, and a network that translates addresses (NAT64) says another one than the entry's.
    const isCounted = entry !== undefined || request.isSocket || (way === 'always' && address !== undefined);
    if (isCounted) this.#open.set(id, { ...request, entry, body });
    else this.#open.delete(id);
  }

  #endSockets(tab: number, at: number): void {
    for (const [id, request] of this.#open)
      if (request.isSocket && request.tab === tab) this.#end(id, { at, how: 'failed' });
  }

  #end(id: string, { at, how, size }: { at: number; how: 'whole' | 'redirected' | 'failed'; size?: number }): void {
    const request = this.#open.get(id);
    // The news of a WebSocket end when it is open.
    if (request === undefined || (request.isSocket && how === 'whole')) return;
    this.#open.delete(id);
    const count = countOf(request, { at, how, size });
    const { entry } = request;
    if (entry !== undefined) {
      this.#add(entry, count);
      const bytes = size ?? knownOf(request, how);
      this.#show(request.tab, bytes);
      if (bytes > 0) this.#onKnown({ tab: request.tab, entry, bytes, from: request.begun, to: at });
      return;
    }
    // It went to one of them, and surely to none.
    for (const each of this.#entries.keys()) this.#add(each, { least: 0, most: count.most, blur: count.most });
  }

  #add(entry: string, { least, most, blur }: EntryCount): void {
    const before = this.#entries.get(entry) ?? NOTHING;
    this.#entries.set(entry, { least: before.least + least, most: before.most + most, blur: before.blur + blur });
  }

  #show(tab: number, bytes: number): void {
    this.#fresh += bytes;
    if (tab < 0) return;
    const [oldest] = this.#tabs.keys();
    if (this.#tabs.size >= MAX_TABS && oldest !== undefined) this.#tabs.delete(oldest);
    this.#tabs.set(String(tab), (this.#tabs.get(String(tab)) ?? 0) + bytes);
  }
}

/** Undefined: only time bounds it. */
function mostOf({ sends, isSocket, body, begun }: OpenRequest, now: number): number | undefined {
  if (sends || isSocket || body.is === 'unknown') return undefined;
  const ms = Math.max(0, now - begun);
  if (body.is === 'none') return REQUEST_BYTES;
  if (body.is === 'events') return REQUEST_BYTES + FASTEST_EVENTS * ms;
  // What the browser has not read fills windows.
  const most = body.is === 'awaited' ? ON_ITS_WAY : withFrames(body.bytes);
  return REQUEST_BYTES + Math.min(most, FASTEST * ms);
}

function countOf(
  request: OpenRequest,
  { at, how, size }: { at: number; how: 'whole' | 'redirected' | 'failed'; size: number | undefined },
): EntryCount {
  if (size !== undefined && how === 'whole') return knownCount(size);
  const { body } = request;
  const known = mostOf(request, at);
  const rest = how === 'whole' ? 0 : ON_ITS_WAY;
  if (known === undefined) {
    const most = FASTEST * Math.max(0, at - request.begun) + REQUEST_BYTES + rest;
    return { least: 0, most, blur: most };
  }
  if (body.is !== 'announced') return { least: 0, most: known, blur: known };
  if (how === 'whole' && !body.partial) return knownCount(body.bytes);
  // The range or the rest may have come out of the cache, or never.
  const all = withFrames(body.bytes) + REQUEST_BYTES;
  const most = how === 'whole' ? all : Math.min(all, known + rest);
  return { least: 0, most, blur: most };
}

function knownCount(bytes: number): EntryCount {
  const most = withFrames(bytes) + REQUEST_BYTES;
  return { least: bytes, most, blur: most - bytes };
}

function knownOf({ body }: OpenRequest, how: 'whole' | 'redirected' | 'failed'): number {
  return body.is === 'announced' && how === 'whole' ? body.bytes : 0;
}
