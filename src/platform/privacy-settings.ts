// What would leave the machine around the proxy: WebRTC's UDP, and connections opened ahead of a request, which the blocking rules do
// not see (measured on Chromium 156: a blocked navigation still opened a TLS connection). Held while any tab is private.

import type { Types } from 'webextension-polyfill';
import { SteeringError } from '../ports/steering.ts';
import { browser } from './browser.ts';

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

/** Returns when both settings are in force. Throws `SteeringError` (`privacy-setting`) when one cannot be. */
export async function holdPrivacySettings(): Promise<void> {
  for (const { what, setting, value, enough } of heldSettings()) {
    const before = await setting.get({});
    if (before.levelOfControl === 'controlled_by_this_extension' && enough(before.value)) continue;
    if (isSettable(before.levelOfControl)) await setting.set({ value });
    const after = await setting.get({});
    if (!enough(after.value)) {
      throw new SteeringError(`${what} is held by another: ${after.levelOfControl}`, { code: 'privacy-setting' });
    }
  }
}

/** Gives the settings back. */
export async function releasePrivacySettings(): Promise<void> {
  for (const { setting } of heldSettings()) {
    if ((await setting.get({})).levelOfControl === 'controlled_by_this_extension') await setting.clear({});
  }
}

function isSettable(level: Types.LevelOfControl): boolean {
  return level === 'controlled_by_this_extension' || level === 'controllable_by_this_extension';
}
