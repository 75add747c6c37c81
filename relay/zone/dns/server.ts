// The zone's name server: every address of the configuration over UDP and TCP, one response limit for all. Called by relay/zone/zone.ts.

import type { HostPort } from '../../config/schema.ts';
import type { Zone } from './answer.ts';
import { ResponseLimit, type ResponseLimits } from './response-limit.ts';
import { listenTcp, type TcpLimits } from './tcp.ts';
import { listenUdp, type Listening } from './udp.ts';

export type NameServer = {
  /** Where it listens, with the ports that the system chose for port 0. */
  addresses: HostPort[];
  close(): Promise<void>;
};

/** `limits` are for tests. */
export type NameServerInit = {
  zone: Zone;
  listen: readonly HostPort[];
  limits?: { udp?: ResponseLimits; tcp?: TcpLimits };
};

/** Throws when an address cannot be listened on, and then listens on none. */
export async function startNameServer({ zone, listen, limits = {} }: NameServerInit): Promise<NameServer> {
  const limit = new ResponseLimit(limits.udp);
  const listening: Listening[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(listening.map((each) => each.close()));
  };
  const addresses: HostPort[] = [];
  try {
    for (const { host, port } of listen) {
      const tcp = await listenTcp(zone, { host, port }, limits.tcp);
      listening.push(tcp);
      listening.push(await listenUdp(zone, { host, port: tcp.port }, limit));
      addresses.push({ host, port: tcp.port });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, close };
}
