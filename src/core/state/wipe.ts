// That the person had everything wiped, while the last private tab ends: until then nothing may be forgotten that keeps its requests off the direct way.
// Cleared by the wipe itself. Pure.

import type { Cell } from './cell.ts';
import { asOneOf } from './parse.ts';

/** `all`: the wallet too. */
export const WIPES = ['none', 'but-wallet', 'all'] as const;
export type Wipe = (typeof WIPES)[number];

export const wipeCell: Cell<Wipe> = {
  key: 'wipe',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: false,
  parse: (value) => asOneOf(value, WIPES),
  missing: 'none',
  // Nothing is destroyed on a word that cannot be read.
  damaged: 'none',
};
