// Every kind of fault that is forced, as data: how often it comes, in which browsers, and what is left of the way through the circuit while
// it lasts. What each does stands in the files beside this one; schedule.ts draws from this list.

import type { BrowserName } from '../../../devnet/browsers/driven-browser.ts';

/**
 * What a private request can count on while the fault lasts. `kept`: the circuit itself is untouched. `spare`: another circuit is left, and
 * the tab must come to it by itself. `none`: there is no way, so nothing may be called private, and nothing may leave.
 */
export type Way = 'kept' | 'spare' | 'none';

export type FaultKind = {
  way: Way;
  /** Cheap ones: how often it is drawn in comparison with the others. */
  share?: number;
  /** Dear ones: how often it comes in a short run and in a soak of 500 for one browser, whatever is drawn. */
  times?: { short: number; soak: number };
  /** Both, unless said. */
  only?: BrowserName;
  /** Where it belongs to a short run too; both, unless said. */
  shortIn?: BrowserName;
};

export const FAULTS = {
  'worker killed': { way: 'kept', share: 12 },
  'cell damaged': { way: 'kept', share: 6 },
  // What has `shortIn` without a reason of its browser's: what differs between the two is not in it. Firefox has fewer, since it takes twice as long for each.
  'clock jumped': { way: 'kept', share: 3, shortIn: 'chromium' },
  'storage full': { way: 'kept', share: 2, shortIn: 'chromium' },
  'entry killed': { way: 'spare', share: 3, shortIn: 'firefox' },
  'exit killed': { way: 'spare', share: 3, shortIn: 'chromium' },
  'entry frozen': { way: 'spare', share: 2, shortIn: 'chromium' },
  'exit frozen': { way: 'spare', share: 2, shortIn: 'firefox' },
  'entry answers garbage': { way: 'spare', share: 1, shortIn: 'chromium' },
  'exit answers garbage': { way: 'spare', share: 1, shortIn: 'chromium' },
  'every exit killed': { way: 'none', share: 1, shortIn: 'chromium' },
  // A quarter of a minute, and nothing that one frozen entry and all killed exits do not show.
  'every entry frozen': { way: 'none', times: { short: 0, soak: 8 } },
  'names do not resolve': { way: 'none', share: 2, shortIn: 'chromium' },
  'certificates expired': { way: 'none', share: 1, shortIn: 'chromium' },
  'network cut': { way: 'none', share: 3, shortIn: 'firefox' },
  'proxy taken': { way: 'none', share: 2 },
  'proxy held again': { way: 'none', times: { short: 1, soak: 6 }, only: 'chromium' },
  // Chromium's own: Firefox has no PAC.
  'PAC emptied': { way: 'kept', share: 1, only: 'chromium' },
  'proxy cleared': { way: 'none', share: 1, only: 'firefox' },
  // Chromium lets nobody take a right from an extension that came by policy.
  'permission off': { way: 'kept', times: { short: 1, soak: 6 }, only: 'firefox' },
  // Ten seconds of clicks.
  'toggle storm': { way: 'kept', times: { short: 0, soak: 6 } },
  // About one restored tab in fifteen is not found again by whoever drives the browser, in Chromium and, on busy processors, in Firefox: it is there, with its page, and no driver has it.
  'browser killed': { way: 'kept', times: { short: 0, soak: 6 } },
  // A quarter of a minute; tests/e2e/update goes from one version to the next as well.
  'update waiting': { way: 'kept', times: { short: 0, soak: 6 }, shortIn: 'chromium' },
  'many tabs': { way: 'kept', times: { short: 0, soak: 2 } },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

export function kindOf(name: FaultName): FaultKind {
  return FAULTS[name];
}
