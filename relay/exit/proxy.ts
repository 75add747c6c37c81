// Puts the exit's proxy together: a door for the tunnels of each entry (door.ts), and one way out (destinations.ts).
// It never sees a client's address (a Unix socket has none) and logs no destination. Called by the daemon's composition.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CertificateSource } from '../certificates/certificate-source.ts';
import type { Sign } from './circuit-check.ts';
import { BlockLists } from './block-lists.ts';
import { createDestinationPolicy, type DestinationPolicy } from './destination-policy.ts';
import { DestinationRate } from './destination-rate.ts';
import { createOpenDestination, type Abuse, type OpenDestinationMore } from './destinations.ts';
import { openDoor, type Door } from './door.ts';
import type { ExitProxy, ExitRules } from './exit-proxy.ts';
import { outwardAddresses } from './outward-addresses.ts';
import { createResolve } from './resolve.ts';
import { createService, type ExitObserver } from './serve.ts';

export type ExitProxyInit = ExitRules & {
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
  /** Addresses of the relay beyond those of its interfaces: a public one behind NAT. */
  ownAddresses: readonly string[];
  observer?: ExitObserver | undefined;
  /** Whether the process has room for another connection. */
  shortage?: OpenDestinationMore['shortage'];
  log: Logger;
};

/** Throws where an address, network or resolver is not one, or the socket cannot be made. */
export async function createExitProxy(init: ExitProxyInit): Promise<ExitProxy> {
  const policyOf = ({ allow, denyPorts }: ExitRules): DestinationPolicy =>
    createDestinationPolicy({
      ...{ allow, denyPorts },
      ownAddresses: () => [...init.ownAddresses, ...interfaceAddresses()],
    });
  let policy = policyOf(init);
  let { contact } = init;
  const abuse: Abuse = { lists: new BlockLists(init.lists), rate: new DestinationRate(init.perSecond) };
  const open = createOpenDestination(() => policy, createResolve(init.resolvers), init.source, {
    abuse: () => abuse,
    shortage: init.shortage,
  });
  const { peer, sign, log, observer, certificate } = init;
  const sources = outwardAddresses(init.source);

  const folder = await mkdtemp(join(tmpdir(), 'conet-exit-'));
  await chmod(folder, 0o700);
  const doorFor = (name: string, entry: string | undefined): Promise<Door> =>
    openDoor(
      join(folder, `${name}.sock`),
      createService({ open, peer, sign, log, observer, entry, sources, contact: () => contact }),
      certificate,
    );

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
    lookAtYoung: () => {
      for (const door of [general, ...doors.values()]) door.lookAtYoung();
    },
    change: (rules) => {
      policy = policyOf(rules);
      abuse.lists = new BlockLists(rules.lists);
      abuse.rate.change(rules.perSecond);
      contact = rules.contact;
    },
    close: (graceMs) => (closed ??= close(graceMs)),
  };
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
