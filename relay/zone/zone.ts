// The zone role: the name server of a delegated domain and the broker through which relays get certificates for their names in it. Built by relay/relay.ts. It learns which resolver asks for which entry
// with which exit, keeps none of it and logs none of it.

import type { Logger } from 'pino';
import type { CertificateSource } from '../certificates/certificate-source.ts';
import { formatHostPort } from '../config/schema.ts';
import { mailboxName, type ZoneConfig } from '../config/zone.ts';
import { createDestinationPolicy } from '../exit/destination-policy.ts';
import type { Identity } from '../identity.ts';
import { startBroker } from './broker/broker.ts';
import { createChallenges } from './challenges.ts';
import type { Zone } from './dns/answer.ts';
import { startNameServer } from './dns/server.ts';

export type ZoneRole = {
  /** Where it listens, for the log. */
  facts: { zone: string; dns: string[]; registration: string };
  close(): Promise<void>;
};

export type ZoneRoleInit = { config: ZoneConfig; certificate: CertificateSource; identity: Identity; log: Logger };

/** Throws when an address cannot be listened on. */
export async function createZone({ config, certificate, identity, log }: ZoneRoleInit): Promise<ZoneRole> {
  const { domain, registration } = config;
  // What an exit would not dial for a client, a name does not lead to and the broker does not dial.
  const policy = createDestinationPolicy({ allow: config.allow, denyPorts: [], ownAddresses: () => [] });
  const mayUse = (address: string): boolean => policy.mayUseAddress(address);
  const challenges = createChallenges(() => performance.now());
  const zone: Zone = {
    name: domain,
    nameServers: config.nameServers,
    mailbox: mailboxName(config.mailbox),
    hosts: new Map(Object.entries(config.hosts).map(([label, addresses]) => [`${label}.${domain}`, addresses])),
    issuers: config.issuers,
    mayAnswer: mayUse,
    challengesOf: (peer) => challenges.get(peer),
  };
  const nameServer = await startNameServer({ zone, listen: config.dns });
  try {
    const { name, listen } = registration;
    const { privateKey } = identity;
    const broker = await startBroker({ name, listen, certificate, privateKey, challenges, mayDial: mayUse, log });
    return {
      facts: {
        zone: domain,
        dns: nameServer.addresses.map(formatHostPort),
        registration: formatHostPort(broker.address),
      },
      close: async () => {
        await Promise.all([broker.close(), nameServer.close()]);
      },
    };
  } catch (error) {
    await nameServer.close();
    throw error;
  }
}
