// Puts the exit's proxy together: a door for the tunnels of each entry (door.ts), and one way out (destinations.ts).
// It never sees a client's address (a Unix socket has none) and logs no destination. Called by the daemon's composition.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CertificateSource } from '../certificates/certificate-source.ts';
import type { Sign } from './circuit-check.ts';
import { createDestinationPolicy } from './destination-policy.ts';
import { createOpenDestination } from './destinations.ts';
import { openDoor, type Door } from './door.ts';
import type { ExitProxy } from './exit-proxy.ts';
import { outwardAddresses } from './outward-addresses.ts';
import { createResolve } from './resolve.ts';
import { createService } from './serve.ts';

export type ExitProxyInit = {
  certificate: CertificateSource;
  /** This exit's peer id, base36. */
  peer: string;
  sign: Sign;
  /** Peer ids of the entries whose tunnels are told apart, base36. */
  entries?: readonly string[] | undefined;
  /** Local address of outgoing connections; left out, the system chooses. */
  source?: string | undefined;
  /** `address` or `address:port`; left out, those of the system. */
  resolvers?: readonly string[] | undefined;
  /** CIDRs opened although they are private. */
  allow: readonly string[];
  denyPorts: readonly number[];
  /** Addresses of the relay beyond those of its interfaces: a public one behind NAT. */
  ownAddresses: readonly string[];
  log: Logger;
};

/** Throws where an address, network or resolver is not one, or the socket cannot be made. */
export async function createExitProxy(init: ExitProxyInit): Promise<ExitProxy> {
  const policy = createDestinationPolicy({
    allow: init.allow,
    denyPorts: init.denyPorts,
    ownAddresses: () => [...init.ownAddresses, ...interfaceAddresses()],
  });
  const open = createOpenDestination(policy, createResolve(init.resolvers), init.source);
  const { peer, sign, log, certificate } = init;
  const sources = outwardAddresses(init.source);

  const folder = await mkdtemp(join(tmpdir(), 'conet-exit-'));
  await chmod(folder, 0o700);
  const doorFor = (name: string, entry: string | undefined): Promise<Door> =>
    openDoor(join(folder, `${name}.sock`), createService({ open, peer, sign, log, entry, sources }), certificate);

  const general = await doorFor('proxy', undefined);
  const doors = new Map<string, Door>();
  for (const [index, entry] of [...new Set(init.entries)].entries()) {
    doors.set(entry, await doorFor(`entry-${index}`, entry));
  }
  let closed: Promise<void> | undefined;

  const close = async (graceMs: number): Promise<void> => {
    await Promise.all([general, ...doors.values()].map((door) => door.close(graceMs)));
    await rm(folder, { recursive: true, force: true });
  };
  return {
    path: general.path,
    pathFrom: (entry) => (doors.get(entry) ?? general).path,
    close: (graceMs) => (closed ??= close(graceMs)),
  };
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
