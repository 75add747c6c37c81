// The `zone` section: a delegated domain whose names lead to relays, and the broker through which they get certificates for them. Part of schema.ts.

import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { isZone } from '../../src/core/tunnel/circuit-name.ts';
import { AddressSchema, DomainSchema, HostPortSchema, PathSchema } from './parts.ts';

/** 13 root servers fit into 512 bytes; more name servers than that help nobody. */
const MAX_NAME_SERVERS = 13;
const MAX_HOSTS = 64;
const MAX_ADDRESSES = 8;
const MAX_ISSUERS = 8;
const MAX_LISTEN = 8;

/** A label below the domain; a relay's names have one that no host may take. */
const HOST_LABEL = /^(?!-)(?!k[0-9a-z]{30})[a-z0-9-]{1,63}(?<!-)$/;
/** A dot before the `@` would need an escape in the SOA record (RFC 1035 §8). */
const MAILBOX = /^([a-z0-9-]{1,63})@(.+)$/;
/** The value of a CAA property: printable ASCII (RFC 8659 §4.2). */
const ISSUER = /^[\x20-\x7e]{1,200}$/;

export const ZoneSchema = v.pipe(
  v.strictObject({
    domain: DomainSchema,
    /** As the parent zone's NS records name them. */
    nameServers: v.pipe(
      v.array(DomainSchema),
      v.minLength(1, 'must name at least one name server'),
      v.maxLength(MAX_NAME_SERVERS),
    ),
    mailbox: v.pipe(v.string(), v.check(isMailbox, 'must be an address such as hostmaster@example.org')),
    /** Addresses of hosts one label below the domain: its name servers and its broker. */
    hosts: v.optional(
      v.pipe(
        v.record(
          v.pipe(v.string(), v.regex(HOST_LABEL, 'must be one label')),
          v.pipe(v.array(AddressSchema), v.minLength(1), v.maxLength(MAX_ADDRESSES)),
        ),
        v.check((hosts) => Object.keys(hosts).length <= MAX_HOSTS, 'has too many hosts'),
      ),
      {},
    ),
    /** Who may issue certificates for names of this zone (CAA); left empty: everybody. */
    issuers: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(ISSUER))), v.maxLength(MAX_ISSUERS)), []),
    /** Where it answers DNS, over UDP and TCP. */
    dns: v.pipe(v.array(HostPortSchema), v.minLength(1, 'must name at least one address'), v.maxLength(MAX_LISTEN)),
    registration: v.strictObject({
      /** Host of the broker's URL. */
      name: DomainSchema,
      listen: HostPortSchema,
      certificate: v.strictObject({ files: v.strictObject({ key: PathSchema, chain: PathSchema }) }),
    }),
    /** Private ranges that names may lead to and the broker may dial; empty outside of tests. */
    allow: v.optional(
      v.array(v.pipe(v.string(), v.check(ipaddr.isValidCIDR, 'must be a range such as 10.0.0.0/8'))),
      [],
    ),
  }),
  v.check(
    ({ domain, nameServers, hosts }) =>
      nameServers.every((name) => !name.endsWith(`.${domain}`) || name.slice(0, -domain.length - 1) in hosts),
    '`zone.nameServers` names one within the domain that has no address in `zone.hosts`',
  ),
);

export type ZoneConfig = v.InferOutput<typeof ZoneSchema>;

/** As a name: `hostmaster@example.org` -> `hostmaster.example.org`. */
export function mailboxName(mailbox: string): string {
  return mailbox.replace('@', '.');
}

function isMailbox(text: string): boolean {
  return isZone(MAILBOX.exec(text)?.[2] ?? '');
}
