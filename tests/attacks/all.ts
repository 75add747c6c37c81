import { CONNECTION_ATTACKS } from './connections.ts';
import { HTTP_ATTACKS } from './http.ts';
import { LIBP2P_ATTACKS } from './libp2p.ts';
import type { Attack } from './target.ts';

/** Every attack on an entry and its exit that is tried, by name. */
export const ATTACKS: Record<string, Attack> = { ...CONNECTION_ATTACKS, ...HTTP_ATTACKS, ...LIBP2P_ATTACKS };
