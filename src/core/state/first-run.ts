// Whether the page of the first run was shown. `due`: everything was wiped, and the extension is as new. Pure.

import type { Cell } from './cell.ts';
import { asOneOf } from './parse.ts';

export const FIRST_RUN = ['never', 'due', 'shown'] as const;

export const firstRunCell: Cell<(typeof FIRST_RUN)[number]> = {
  key: 'first-run',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: false,
  parse: (value) => asOneOf(value, FIRST_RUN),
  missing: 'never',
  // Never twice.
  damaged: 'shown',
};
