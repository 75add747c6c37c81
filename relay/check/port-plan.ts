// Which ports a check listens on and dials, by the configuration. Pure. Used by relay/cli/check.ts.

import { multiaddr } from '@multiformats/multiaddr';
import type { CertificateConfig } from '../config/certificate.ts';
import { listenAddresses, portsOf } from '../config/listen.ts';
import type { HostPort } from '../config/parts.ts';
import type { RelayConfig } from '../config/schema.ts';
import type { PortCheck } from './ports.ts';

export function planPorts(
  { entry, exit, zone, payments, operations, contact, public: reached }: RelayConfig,
  { offline, runs }: { /** Nobody is dialled. */ offline: boolean; runs: boolean },
): PortCheck[] {
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
        reach: [...hosts.map((host) => ({ host, port: reached?.libp2pPort })), ...announced(entry, offline)],
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
  const dialBack = exit?.certificate.autotls?.listen;
  // Open for the seconds that a broker needs, and so by nobody who runs.
  if (exit !== undefined && dialBack !== undefined && !runs)
    checks.push({ listen: [{ ...dialBack, ipv6Only: false }], reach: announced(exit, offline) });
  for (const address of zone === undefined ? [] : [zone.registration.listen, ...zone.dns])
    checks.push({ listen: [{ ...address, ipv6Only: false }], reach: [] });
  // For others than relays and clients: where they come from is the operator's to say.
  for (const address of [operations?.listen, contact?.listen])
    if (address !== undefined) checks.push({ listen: [{ ...address, ipv6Only: false }], reach: [] });
  return checks;
}

/** Where brokers come. The configuration was checked: each is an address and a port. */
function announced({ certificate }: { certificate: CertificateConfig }, offline: boolean): HostPort[] {
  if (offline) return [];
  return (certificate.autotls?.announce ?? []).map((text) => {
    const [host, tcp] = multiaddr(text).getComponents();
    return { host: host?.value ?? '', port: Number(tcp?.value) };
  });
}
