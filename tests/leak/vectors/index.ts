// Every vector there is. Names are unique: hosts are made of them.

import { AHEAD } from './ahead.ts';
import { LOCAL_HOSTS } from './local-hosts.ts';
import { NAVIGATIONS } from './navigations.ts';
import { SUBRESOURCES } from './subresources.ts';
import type { Vector } from './vector.ts';
import { WORKERS } from './workers.ts';

export const VECTORS: readonly Vector[] = [...SUBRESOURCES, ...WORKERS, ...AHEAD, ...NAVIGATIONS, ...LOCAL_HOSTS];
