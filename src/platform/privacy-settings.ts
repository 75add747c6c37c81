// What would leave the machine around the proxy: WebRTC's UDP, and connections opened ahead of a request, which the blocking rules do
// not see (measured on Chromium 156: a blocked navigation still opened a TLS connection). Held while any tab is private.

import type { Types } from 'webextension-polyfill';
import type { RoutingPolicy } from '../core/routing/policy.ts';
import { SteeringError } from '../ports/steering.ts';
import { browser } from './browser.ts';

/** `all`: every window. `incognito`: Chrome's incognito windows alone, which Firefox does not tell apart here. */
export type PrivacyScope = 'all' | 'incognito';

const OURS = 'controlled_by_this_extension';

type Held = { what: string; setting: Types.Setting; value: unknown; enough: (value: unknown) => boolean };

/** Strict ones first. Another extension may hold a setting (uBlock Origin does WebRTC): what counts is the value in force. */
function heldSettings(): Held[] {
  const { networkPredictionEnabled, webRTCIPHandlingPolicy } = browser.privacy.network;
  return [
    {
      what: 'connection prediction',
      setting: networkPredictionEnabled,
      value: false,
      enough: (value) => value === false,
    },
    {
      what: 'WebRTC',
      setting: webRTCIPHandlingPolicy,
      value: 'disable_non_proxied_udp',
      enough: (value) => value === 'disable_non_proxied_udp' || value === 'proxy_only',
    },
  ];
}

const DETAILS: Record<PrivacyScope, [{ incognito?: boolean }, Types.SettingScope]> = {
  all: [{}, 'regular'],
  incognito: [{ incognito: true }, 'incognito_persistent'],
};

/** Returns when both settings are in force. Throws `SteeringError` (`privacy-setting`) when one cannot be. */
export async function holdPrivacySettings(of: PrivacyScope = 'all'): Promise<void> {
  const [details, scope] = DETAILS[of];
  for (const { what, setting, value, enough } of heldSettings()) {
    const before = await setting.get(details);
    if (before.levelOfControl === OURS && enough(before.value)) continue;
    if (isSettable(before.levelOfControl)) await setting.set({ value, scope });
    const after = await setting.get(details);
    if (!enough(after.value)) {
      throw new SteeringError(`${what} is held by another: ${after.levelOfControl}`, { code: 'privacy-setting' });
    }
  }
}

/** Calls when one of them was changed and is not as it must be. Must be called in the first tick. */
export function onPrivacySettingLost(listener: () => void): void {
  for (const { setting, enough } of heldSettings()) {
    setting.onChange.addListener(() => {
      // What the event says may be of before: our own setting and clearing is told too.
      setting.get({}).then(
        ({ value }) => {
          if (!enough(value)) listener();
        },
        () => listener(),
      );
    });
  }
}

/** Gives the settings back. */
export async function releasePrivacySettings(of: PrivacyScope = 'all'): Promise<void> {
  const [details, scope] = DETAILS[of];
  for (const { setting } of heldSettings()) {
    if ((await setting.get(details)).levelOfControl === OURS) await setting.clear({ scope });
  }
}

/**
 * Gives back what nothing needs any more. While sites are always private, connections ahead of a request stay held back: the address bar would make one while the
 * person still types, before there is a page to stop. Where another extension or an administrator holds that, it stays as it is: there is no private tab to block for it.
 */
export async function releaseToSites({ siteRules }: Pick<RoutingPolicy, 'siteRules'>): Promise<void> {
  const [prediction, ...others] = heldSettings();
  const isNeeded = siteRules.some(({ mode }) => mode === 'always');
  for (const { setting } of isNeeded ? others : [prediction, ...others].filter((held) => held !== undefined)) {
    if ((await setting.get({})).levelOfControl === OURS) await setting.clear({ scope: 'regular' });
  }
  if (!isNeeded || prediction === undefined) return;
  const { setting, value } = prediction;
  const { levelOfControl } = await setting.get({});
  if (levelOfControl !== OURS && isSettable(levelOfControl)) await setting.set({ value, scope: 'regular' });
}

function isSettable(level: Types.LevelOfControl): boolean {
  return level === OURS || level === 'controllable_by_this_extension';
}
