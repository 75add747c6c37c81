// The exit role: tunnels from the entries it is connected to, each to its proxy. Built by relay/relay.ts.
// It learns which entry a tunnel comes from, and nothing of the client behind it.

import type { Connection } from '@libp2p/interface';
import { getNetConfig } from '@libp2p/utils';
import { multiaddr } from '@multiformats/multiaddr';
import type { Logger } from 'pino';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { TUNNEL_PROTOCOL } from '../../src/core/tunnel/protocol.ts';
import { peerLabel } from '../identity.ts';
import { DataDialer } from '../data/data-dialer.ts';
import type { DataStream } from '../data/data-stream.ts';
import type { LimitsConfig } from '../config/limits.ts';
import { Bandwidth, type BandwidthScope } from '../net/bandwidth.ts';
import { MAX_TUNNELS_PER_CONNECTION } from '../net/limits.ts';
import type { RelayNode } from '../net/node.ts';
import { TunnelSet, type TunnelTotals } from '../net/tunnel-set.ts';
import { createEntryLink } from './entry-link.ts';
import type { ExitProxy } from './exit-proxy.ts';
import { createTunnelHandler, type TunnelHandlerInit } from './tunnel-handler.ts';

export type ExitInit = {
  node: RelayNode;
  /** Multiaddrs of the entries, each with its peer id. */
  entries: readonly string[];
  proxy: ExitProxy;
  /** Who is charged for the tunnels of an entry; where it is missing, nobody is. */
  meterOf?: TunnelHandlerInit['meterOf'];
  /** What it carries at most; missing: no limit of bandwidth. */
  limits?: LimitsConfig | undefined;
  shortage?: TunnelHandlerInit['shortage'];
  onRefused?: TunnelHandlerInit['onRefused'];
  onThrottled?: ((scope: BandwidthScope) => void) | undefined;
  log: Logger;
};

export type Exit = {
  /** For the operator: how much, and which entries are there. Nothing about where to. */
  status(): { tunnels: TunnelTotals; entries: PeerLabel[] };
  /** What it holds now. */
  held(): { data: number };
  /** For the tunnels that come, and for those that run under a limit. */
  change(limits: LimitsConfig): void;
  /** Takes no new tunnel, lets running ones end within `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
};

export async function createExit(init: ExitInit): Promise<Exit> {
  const { node, entries, proxy, meterOf, shortage, onRefused, log } = init;
  const tunnels = new TunnelSet('stream');
  const bandwidth = new Bandwidth(init.limits?.bandwidthKiB, init.onThrottled);
  const handler = createTunnelHandler({
    proxyPath: (entry) => proxy.pathFrom(entry),
    ...{ tunnels, meterOf, bandwidth, shortage, onRefused, lookAtYoung: proxy.lookAtYoung },
  });
  const data = new Map<Connection, DataDialer>();
  // Before the first dial: entries ask what we speak as soon as we connect.
  await node.handle(
    TUNNEL_PROTOCOL,
    (stream, connection) => {
      data.get(connection)?.began();
      return handler.handle(stream, peerLabel(connection.remotePeer));
    },
    {
      maxInboundStreams: MAX_TUNNELS_PER_CONNECTION,
      maxOutboundStreams: MAX_TUNNELS_PER_CONNECTION,
    },
  );
  const onLinked = (link: Connection): void => {
    // Its end would not be told any more.
    if (link.status !== 'open') return;
    const entry = peerLabel(link.remotePeer);
    const onTunnel = (stream: DataStream): void => void handler.handle(stream, entry);
    link.addEventListener('close', () => data.delete(link), { once: true });
    data.set(link, new DataDialer({ ...{ link, onTunnel }, host: getNetConfig(link.remoteAddr).host }));
  };
  const links = entries.map((address) => createEntryLink(node, address, log, onLinked));
  const own = new Set(entries.map((address) => multiaddr(address).getComponents().at(-1)?.value));
  return {
    status: () => {
      const connected = node.getPeers().filter((peer) => own.has(peer.toString()));
      return { tunnels: tunnels.totals(), entries: connected.map(peerLabel) };
    },
    held: () => ({ data: [...data.values()].reduce((sum, { size }) => sum + size, 0) }),
    change: ({ bandwidthKiB }) => bandwidth.change(bandwidthKiB),
    close: async (graceMs) => {
      handler.drain();
      for (const link of links) link.stop();
      await Promise.all([proxy.close(graceMs), tunnels.drain(graceMs)]);
    },
  };
}
