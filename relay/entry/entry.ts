// The entry role: browsers' connections in, tunnels out to the exits that are connected. Built by relay/relay.ts.
// It learns who comes and which exit they want, and no destination: what it copies is TLS between browser and exit.

import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { CertificateSource } from '../certificates/certificate-source.ts';
import { listenAddresses, type Listen } from '../config/listen.ts';
import { formatHostPort, type HostPort } from '../config/schema.ts';
import type { LimitsConfig } from '../config/limits.ts';
import type { WebConfig } from '../config/web.ts';
import { Bandwidth, type BandwidthScope } from '../net/bandwidth.ts';
import { DataPool } from '../data/data-pool.ts';
import { DATA_PROTOCOL } from '../data/protocol.ts';
import { hasCredit, type TunnelMeter } from '../net/tunnel-meter.ts';
import { TunnelSet, type TunnelTotals } from '../net/tunnel-set.ts';
import { MAX_STALLED_BYTES, MAX_STALLED_BYTES_OF_ALL } from '../net/limits.ts';
import type { RelayNode } from '../net/node.ts';
import type { Shortage } from '../operations/pressure.ts';
import type { Transit } from '../transit/transit.ts';
import { ADMISSION_LIMITS, sourceOf, type AdmissionLimits } from './admission.ts';
import { Exits } from './exits.ts';
import { createLeases, type Leases } from './leases.ts';
import { openTunnel, TunnelError } from './open-tunnel.ts';
import { OwnName } from './own-name.ts';
import type { RefusalCode } from './refusal.ts';
import { TunnelListener } from './tunnel-listener.ts';
import { WebPass } from './web-pass.ts';

export type EntryInit = {
  node: RelayNode;
  /** This relay's own peer id: a name with it ends here. */
  label: PeerLabel;
  tunnels: Listen;
  /** Further ports for leases, at each of its addresses. Where it is missing nobody needs a lease, and nothing is counted. */
  leasePorts?: readonly number[];
  certificate: CertificateSource;
  /** A web server that shares the port: gets what is no circuit. */
  web?: WebConfig | undefined;
  /** Pays the exits. Where it is missing none is paid. */
  transit?: Transit | undefined;
  /** What it carries at most. Where it is missing, what the configuration has when it says nothing. */
  limits?: LimitsConfig | undefined;
  /** Whether the process has room for another connection. */
  shortage?: (() => Shortage | undefined) | undefined;
  /** What somebody reads who opens its own name in a browser; asked each time. */
  contact?: (() => string | undefined) | undefined;
  onRefused?: ((code: RefusalCode) => void) | undefined;
  onThrottled?: ((scope: BandwidthScope) => void) | undefined;
  log: Logger;
};

export type Entry = {
  /** Where browsers connect, with the port the system chose; not the further ports of leases. */
  readonly tunnels: string[];
  /** For the operator: how much, and which exits are there. Nothing about who came. */
  status(): { tunnels: TunnelTotals; exits: PeerLabel[]; listens: string[] };
  /** What it holds now. */
  held(): { connections: number; pending: number; data: number };
  /** For those who come from now on; bandwidth for those that run under a limit as well. */
  change(limits: LimitsConfig): void;
  /** Whom tunnels are charged to; missing where nobody is. */
  readonly leases: Leases | undefined;
  /** Takes no new connection, lets the tunnels end within `graceMs`, then cuts them and the sessions. */
  close(graceMs: number): Promise<void>;
};

/** All of them, or none. Throws `ListenError`. */
async function listenOnAll(
  listener: TunnelListener,
  tunnels: Listen,
  leasePorts: readonly number[],
): Promise<{ usual: HostPort[]; further: HostPort[] }> {
  try {
    const usual: HostPort[] = [];
    const further: HostPort[] = [];
    const addresses = listenAddresses(tunnels);
    for (const address of addresses) usual.push(await listener.listen(address));
    const hosts = new Map(addresses.map((address) => [address.host, address]));
    for (const port of leasePorts)
      for (const address of hosts.values()) further.push(await listener.listen({ ...address, port }));
    return { usual, further };
  } catch (error) {
    listener.drain();
    throw error;
  }
}

/** Leases that are over end by themselves where somebody asks for their place; this is for the others. */
const SWEEP_MS = 60_000;

export async function createEntry(init: EntryInit): Promise<Entry> {
  const { node, label: ownLabel, tunnels, leasePorts, certificate, transit, log } = init;
  const web = init.web && new WebPass(init.web);
  const exits = new Exits(node, log, transit && ((exit, connection) => transit.met(exit, connection)));
  const ownName = new OwnName(certificate, node.services.websockets, init.contact ?? (() => undefined));
  const running = new TunnelSet('socket', { ofOne: MAX_STALLED_BYTES, ofAll: MAX_STALLED_BYTES_OF_ALL });
  const stop = new AbortController();
  /** Known when they are listened on, which is before anybody can have a lease. */
  const ports: number[] = [];
  const data = new DataPool(() => ports[0] ?? 0);
  let { limits } = init;
  const bandwidth = new Bandwidth(limits?.bandwidthKiB, init.onThrottled);
  const leases = leasePorts && createLeases({ ports, onEnded: (meter) => running.cut(meter, 'its lease is over') });

  const route = async (label: PeerLabel, socket: Socket, head: Buffer): Promise<RefusalCode | undefined> => {
    if (label === ownLabel) {
      ownName.take(socket, head);
      return undefined;
    }
    const meter = leases && leaseOf(leases, socket, limits?.tunnelsPerLease);
    if (typeof meter === 'string') return meter;
    const connection = exits.find(label);
    if (connection === undefined) return 'unknown-exit';
    // Nothing goes to the exit that nobody pays for.
    if (meter !== undefined && !(await hasCredit(meter))) return 'no-credit';
    await transit?.ready(label);
    if (socket.destroyed) return 'closed';
    try {
      const stream = await openTunnel(connection, head, stop.signal, data.next(connection));
      const share = bandwidth.enter({ lease: meter ?? sourceOf(socket.remoteAddress ?? ''), link: label });
      running.join(socket, stream, { sent: head.byteLength, meter, count: transit?.count(label), share });
      return undefined;
    } catch (error) {
      if (error instanceof TunnelError) return error.code;
      throw error;
    }
  };

  const { shortage, onRefused } = init;
  const listener = new TunnelListener(route, web, log, {
    limits: limits && admissionOf(limits),
    data: (socket, head) => data.take(socket, head),
    ...{ shortage, onRefused },
  });
  const { usual, further } = await listenOnAll(listener, tunnels, leasePorts ?? []).catch((error: unknown) => {
    leases?.close();
    ownName.close();
    throw error;
  });
  // A place of a lease is a port, at whichever of the addresses.
  ports.push(...new Set([...usual, ...further].map(({ port }) => port)));
  await node.handle(DATA_PROTOCOL, (stream, link) => data.answer(stream, link));
  const sweep = setInterval(() => leases?.sweep(), SWEEP_MS);
  return {
    tunnels: usual.map(formatHostPort),
    leases,
    status: () => ({
      ...{ tunnels: running.totals(), exits: exits.connected() },
      listens: usual.map(formatHostPort),
    }),
    held: () => ({ ...listener.held(), data: data.size }),
    change: (next) => {
      limits = next;
      listener.change(admissionOf(next));
      bandwidth.change(next.bandwidthKiB);
    },
    close: async (graceMs) => {
      clearInterval(sweep);
      listener.drain();
      stop.abort();
      await Promise.all([running.drain(graceMs), web?.drain(graceMs)]);
      leases?.close();
      transit?.close();
      ownName.close();
      data.close();
    },
  };
}

/** Who is charged for a browser's connection, for as long as it lasts; or why it is refused. @param most tunnels of one lease */
function leaseOf(
  leases: Leases,
  socket: Socket,
  most = Infinity,
): TunnelMeter | 'no-lease' | 'too-many-of-lease' | 'closed' {
  if (socket.destroyed) return 'closed';
  const tunnel = leases.tunnelFrom(socket.remoteAddress ?? '', socket.localPort ?? 0);
  if (tunnel === undefined) return 'no-lease';
  if (tunnel.running > most) {
    tunnel.end();
    return 'too-many-of-lease';
  }
  socket.once('close', () => tunnel.end());
  return tunnel.meter;
}

function admissionOf({ connections, connectionsPerSource, perPrefix, newPerSecond }: LimitsConfig): AdmissionLimits {
  return { ...ADMISSION_LIMITS, connections, perSource: connectionsPerSource, perPrefix, newPerSecond };
}
