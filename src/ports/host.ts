// The small things of the world that the worker needs: clock, chance, alarms, the network's presence, a fetch through the proxy.

import type { SiteRule } from '../core/routing/site-rule.ts';
import type { Neighbour } from '../core/state/neighbour.ts';
import type { NoticeKind } from '../core/state/notices.ts';

export interface Clock {
  /** ms since the epoch. */
  now(): number;
  /** Aborts after so many ms. */
  timeout(ms: number): AbortSignal;
}

export interface Chance {
  /** 0 <= draw < 1. */
  draw(): number;
  bytes(length: number): Uint8Array;
}

export const NUDGES = ['retry-circuit', 'renew-direct', 'end-of-restore', 'end-of-lingering', 'lock-wallet'] as const;
export type Nudge = (typeof NUDGES)[number];

/** Alarms that only say "look again": what is due is told by stored deadlines. They wake a dead worker. */
export interface Nudges {
  /** Replaces an earlier time of the same nudge. The nudge may come later than asked, and again after a browser restart. */
  at(nudge: Nudge, when: number): void;
  cancel(nudge: Nudge): void;
  onNudge(listener: (nudge: Nudge) => void): void;
}

export interface Network {
  /** False when the browser is sure to have none. */
  isOnline(): boolean;
  onOnline(listener: () => void): void;
  onOffline(listener: () => void): void;
}

/** Whoever answered at the proxy's name does not hold its certificate: another machine, or one that has expired. */
export class ProxyCertificateError extends Error {
  override readonly name = 'ProxyCertificateError';
}

/** Fetches through the browser's own network stack, so that the proxy setting applies. */
export interface ProxiedFetch {
  /** JSON of at most a few kilobytes, without cookies, cache or redirects. Rejects on any failure of the network, status or form; with `ProxyCertificateError` where the browser says so. */
  json(url: string, options: { signal: AbortSignal }): Promise<unknown>;
}

/** A resolver that speaks DNS over HTTPS. */
export interface NameQueries {
  /** The bytes of the answer to a DNS message. Rejects on any failure of the network, status, kind or size. */
  ask(url: string, query: Uint8Array, options: { signal: AbortSignal }): Promise<Uint8Array>;
}

/** The browser's private windows, as far as the extension is let into them. */
export interface Incognito {
  isAllowed(): Promise<boolean>;
  /** Opens the page of the browser on which the person can allow it. */
  openSettings(): Promise<void>;
}

/** Containers of the browser: cookies of their own for some tabs. */
export interface Containers {
  /** Whether this browser has such a thing at all. */
  readonly exist: boolean;
  /** A new one; its cookie store. Rejects when the person has turned containers off. */
  create(): Promise<string>;
  /** Removes it with its cookies; nothing happens where it is gone. */
  remove(container: string): Promise<void>;
}

/** Other extensions, where the browser lets them be seen: always in Chrome, in Firefox once the person has allowed it. */
export interface Neighbours {
  /** Tells when that changes. */
  onAllowed(listener: () => void): void;
  /** Enabled ones that hold a permission, by name; undefined while they may not be read. */
  withPermission(permission: 'proxy' | 'privacy'): Promise<Neighbour[] | undefined>;
  /** Disables one, as the person would on the browser's page of extensions. Rejects where the browser does not allow it. */
  turnOff(id: string): Promise<void>;
}

/** The browser's notifications. Nothing happens where the person did not allow them. */
export interface Notices {
  show(kind: NoticeKind, tab: number): Promise<void>;
  /** It is over: what is still shown of that kind goes. */
  end(kind: NoticeKind): Promise<void>;
}

/** The entry of the page's menu that takes back a rule for its site: only where there is one. */
export interface SiteMenu {
  show(rules: readonly SiteRule[]): Promise<void>;
}

export interface Updates {
  /** An update is ready; it is held back until `install`. */
  onAvailable(listener: () => void): void;
  /** Restarts the extension. Opens all routes for a moment, so never while a tab is private (browser-proxy-api: runtime.reload). */
  install(): void;
}

/** The page that a person sees first. */
export interface FirstRunPage {
  /** The extension is new in this browser; never for an update. */
  onInstalled(listener: () => void): void;
  open(): Promise<void>;
}

/** The relay list that came with the extension. */
export interface PackagedRelays {
  /** Parsed JSON; `undefined` when there is none. */
  read(): Promise<unknown>;
}

export interface Badge {
  show(tab: number, look: BadgeLook): Promise<void>;
}

export type BadgeLook = {
  icon: 'off' | 'connecting' | 'private' | 'blocked';
  text: string;
  /** #rrggbb */
  color: string;
  title: string;
};
