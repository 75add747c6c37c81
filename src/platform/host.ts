// Clock, chance, alarms, the network's presence, updates, packaged files: one small adapter each.

import {
  NUDGES,
  type Chance,
  type Clock,
  type Network,
  type Nudge,
  type Nudges,
  type PackagedRelays,
  type Updates,
} from '../ports/host.ts';
import { browser } from './browser.ts';

export const clock: Clock = { now: () => Date.now(), timeout: (ms) => AbortSignal.timeout(ms) };

export const chance: Chance = {
  draw: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

export const network: Network = {
  isOnline: () => navigator.onLine,
  onOnline: (listener) => globalThis.addEventListener('online', listener),
  onOffline: (listener) => globalThis.addEventListener('offline', listener),
};

/** Alarms wake a dead worker, half a minute from now at the soonest; a timer beside each serves a living one in time. */
export function createNudges(): Nudges {
  const timers = new Map<Nudge, ReturnType<typeof setTimeout>>();
  let tell: (nudge: Nudge) => void = () => undefined;

  browser.alarms.onAlarm.addListener(({ name }) => {
    const nudge = NUDGES.find((known) => known === name);
    if (nudge !== undefined) tell(nudge);
  });

  const cancelTimer = (nudge: Nudge): void => {
    clearTimeout(timers.get(nudge));
    timers.delete(nudge);
  };

  return {
    at: (nudge, when) => {
      cancelTimer(nudge);
      const wait = Math.max(0, when - Date.now());
      timers.set(
        nudge,
        setTimeout(() => tell(nudge), wait),
      );
      // Resolves with nothing that matters here; an alarm that fails leaves the timer.
      void Promise.resolve(browser.alarms.create(nudge, { when })).catch(() => undefined);
    },
    cancel: (nudge) => {
      cancelTimer(nudge);
      browser.alarms.clear(nudge).catch(() => undefined);
    },
    onNudge: (listener) => (tell = listener),
  };
}

export const updates: Updates = {
  // Listening is what holds an update back (runtime.onUpdateAvailable).
  onAvailable: (listener) => browser.runtime.onUpdateAvailable.addListener(() => listener()),
  install: () => browser.runtime.reload(),
};

export const packagedRelays: PackagedRelays = {
  read: async () => (await (await fetch(browser.runtime.getURL('relays.json'))).json()) as unknown,
};
