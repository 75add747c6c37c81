// Which ports a check listens on and dials, by the configuration. Pure. Used by relay/cli/check.ts.

import { listenAddresses, portsOf } from '../config/listen.ts';
import type { RelayConfig } from '../config/schema.ts';
import type { PortCheck } from './ports.ts';

/** @param offline nobody is dialled */
export function planPorts({ entry, zone, payments, public: reached }: RelayConfig, offline: boolean): PortCheck[] {
  const hosts = offline ? [] : (reached?.addresses ?? []);
  const checks: PortCheck[] = [];
  if (entry !== undefined) {
    // A client is told a port of the entry's for its tunnels: where it is paid, that of `entry.tunnels` itself, whatever `public.tunnelPort` says.
    const told = payments === undefined ? [] : portsOf(entry.tunnels).filter((port) => port !== 0);
    const reach = [
      reached?.tunnelPort,
      ...told.filter((port) => port !== (reached?.tunnelPort ?? entry.tunnels[0].port)),
    ];
    checks.push(
      {
        listen: listenAddresses(entry.tunnels),
        reach: reach.flatMap((port) => hosts.map((host) => ({ host, port }))),
      },
      {
        listen: listenAddresses(entry.libp2p),
        reach: hosts.map((host) => ({ host, port: reached?.libp2pPort })),
      },
    );
    const byHost = listenAddresses(entry.tunnels).filter(
      ({ host }, index) => entry.tunnels.findIndex((other) => other.host === host) === index,
    );
    for (const port of payments?.leasePorts ?? []) {
      checks.push({
        listen: byHost.map((address) => ({ ...address, port })),
        reach: hosts.map((host) => ({ host, port })),
      });
    }
  }
  for (const address of zone === undefined ? [] : [zone.registration.listen, ...zone.dns])
    checks.push({ listen: [{ ...address, ipv6Only: false }], reach: [] });
  return checks;
}
