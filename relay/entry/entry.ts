// The entry role: browsers' connections in, tunnels out to the exits that are connected. Built by relay/relay.ts.
// It learns who comes and which exit they want, and no destination: what it copies is TLS between browser and exit.

import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { CertificateSource } from '../certificates/certificate-source.ts';
import type { HostPort } from '../config/schema.ts';
import { TunnelSet } from '../net/tunnel-set.ts';
import type { RelayNode } from '../net/node.ts';
import { Exits } from './exits.ts';
import { openTunnel, TunnelError } from './open-tunnel.ts';
import { OwnName } from './own-name.ts';
import { TunnelListener, type RefusalCode } from './tunnel-listener.ts';

export type EntryInit = {
  node: RelayNode;
  /** This relay's own peer id: a name with it ends here. */
  label: PeerLabel;
  tunnels: HostPort;
  certificate: CertificateSource;
  log: Logger;
};

export type Entry = {
  /** Where browsers connect, with the port the system chose. */
  readonly tunnels: string;
  /** Takes no new connection, lets the tunnels end within `graceMs`, then cuts them and the sessions. */
  close(graceMs: number): Promise<void>;
};

export async function createEntry({ node, label: ownLabel, tunnels, certificate, log }: EntryInit): Promise<Entry> {
  const exits = new Exits(node, log);
  const ownName = new OwnName(certificate, node.services.websockets);
  const running = new TunnelSet('socket');
  const stop = new AbortController();

  const route = async (label: PeerLabel, socket: Socket, head: Buffer): Promise<RefusalCode | undefined> => {
    if (label === ownLabel) {
      ownName.take(socket, head);
      return undefined;
    }
    const connection = exits.find(label);
    if (connection === undefined) return 'unknown-exit';
    try {
      const stream = await openTunnel(connection, stop.signal);
      running.join(socket, stream, { head });
      return undefined;
    } catch (error) {
      if (error instanceof TunnelError) return error.code;
      throw error;
    }
  };

  const listener = new TunnelListener(route, log);
  const address = await listener.listen(tunnels);
  return {
    tunnels: address,
    close: async (graceMs) => {
      listener.drain();
      stop.abort();
      await running.drain(graceMs);
      ownName.close();
    },
  };
}
