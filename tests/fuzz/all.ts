import { ASKED } from './surfaces/asked.ts';
import { DATA } from './surfaces/data.ts';
import { LIBP2P_PORT } from './surfaces/libp2p-port.ts';
import { OPERATORS } from './surfaces/operators.ts';
import { OWN_NAME } from './surfaces/own-name.ts';
import { PROTOCOLS } from './surfaces/protocols.ts';
import { PROXY } from './surfaces/proxy.ts';
import { STRANGER_ENTRY } from './surfaces/stranger-entry.ts';
import { TUNNEL_PORT } from './surfaces/tunnel-port.ts';
import { ZONE } from './surfaces/zone.ts';
import type { Surface } from './surface.ts';

/** Every way in which a stranger's bytes reach a relay, by name. */
export const SURFACES: Record<string, Surface> = {
  ...{ ...TUNNEL_PORT, ...LIBP2P_PORT, ...PROTOCOLS, ...DATA, ...ASKED, ...STRANGER_ENTRY },
  ...{ ...OWN_NAME, ...PROXY, ...ZONE, ...OPERATORS },
};
