// Who holds the browser's proxy, read from what the two browsers say of their proxy setting. Pure; called by the two steerings.

import type { Types } from 'webextension-polyfill';
import type { ProxyControl } from '../ports/steering.ts';

export type ProxyDetails = { levelOfControl: Types.LevelOfControl; value: unknown };

/** The discard port of this machine, where nothing listens. */
const DEAD_ADDRESS = '127.0.0.1:9';

/** Firefox's setting while we steer: what the listener does not answer goes nowhere. */
export const DEAD_SETTING = {
  proxyType: 'manual',
  http: DEAD_ADDRESS,
  ssl: DEAD_ADDRESS,
  socks: DEAD_ADDRESS,
  socksVersion: 5,
  // What makes Firefox refuse to resolve any name but those that its sockets connect to (nsDNSService2, DNSForbiddenByActiveProxy). Without
  // it a page in plain http asks the local resolver for its HTTPS record before any listener is heard (HTTPS-First, measured on ESR 153).
  proxyDNS: true,
  passthrough: '',
};

/**
 * What we leave behind in the place of a dead proxy that is nobody's. Firefox writes its preferences down half a second after a change, and who changed them a second later: of one that is killed in between, the
 * dead proxy counts as the person's own (measured on ESR 153), and what it was before is known to nobody. The exception means nothing and is there to tell it by.
 */
export const MENDED_SETTING = { proxyType: 'system', passthrough: 'left-over.invalid' };

/** Firefox hands back more fields than were set. */
const DEAD_FIELDS = ['proxyType', 'http', 'ssl', 'socks', 'proxyDNS'] as const;

/** Settings of a browser that nobody gave a proxy to. */
const NO_PROXY_MODES: unknown[] = [undefined, 'system', 'direct'];
const NO_PROXY_TYPES: unknown[] = [undefined, 'system', 'none'];

export function chromeControl({ levelOfControl, value }: ProxyDetails): ProxyControl {
  return byLevel(levelOfControl, () => true, !NO_PROXY_MODES.includes(field(value, 'mode')));
}

/** @param allowed whether the person let the extension run in private windows: without, Firefox lets it set no proxy */
export function firefoxControl(allowed: boolean, { levelOfControl, value }: ProxyDetails): ProxyControl {
  if (!allowed) return { holder: 'forbidden' };
  if (levelOfControl === 'controlled_by_this_extension' && isMended(value)) return { holder: 'free' };
  // The person can edit the preference while the setting counts as ours.
  const isUsers = !NO_PROXY_TYPES.includes(field(value, 'proxyType')) && !isDead(value);
  return byLevel(levelOfControl, () => isDead(value), isUsers);
}

/** Whether Firefox has a dead proxy of ours that it takes for the person's. */
export function isLeftOver({ levelOfControl, value }: ProxyDetails): boolean {
  return levelOfControl === 'controllable_by_this_extension' && isDead(value);
}

/** Whether it is mended. */
export function isMended(value: unknown): boolean {
  return (['proxyType', 'passthrough'] as const).every((name) => field(value, name) === MENDED_SETTING[name]);
}

function isDead(value: unknown): boolean {
  return DEAD_FIELDS.every((name) => field(value, name) === DEAD_SETTING[name]);
}

/** The other extension stays unnamed: what may be known of it is asked elsewhere (neighbours.ts). */
function byLevel(level: Types.LevelOfControl, isStillOurs: () => boolean, isUsers: boolean): ProxyControl {
  switch (level) {
    case 'controlled_by_this_extension':
      return { holder: isStillOurs() ? 'ours' : 'user' };
    case 'controlled_by_other_extensions':
      return { holder: 'other-extension', name: undefined };
    case 'not_controllable':
      return { holder: 'managed' };
    case 'controllable_by_this_extension':
      return { holder: isUsers ? 'user' : 'free' };
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
