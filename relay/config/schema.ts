// The form of the configuration file, as docs/relay-config.example.yaml documents it. Unknown keys are errors: a misspelt key that is
// ignored would be a policy that does not hold. Used by relay/config/load.ts alone; others take `RelayConfig`.

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { LOG_LEVELS } from '../log.ts';
import { CertificateSchema, type AutotlsConfig } from './certificate.ts';
import { BlockListsSchema } from './block-lists.ts';
import { ContactSchema } from './contact.ts';
import { DirectorySchema, PublicSchema } from './directory.ts';
import { LimitsSchema } from './limits.ts';
import { hostsOf, isSameAtAll, ListenSchema, portsOf } from './listen.ts';
import { OperationsSchema } from './operations.ts';
import { HostPortSchema, NeighbourSchema, PathSchema, PortSchema } from './parts.ts';
import { PaymentsSchema } from './payments.ts';
import { leadsBack, WebSchema } from './web.ts';
import { ZoneSchema } from './zone.ts';

export { formatHostPort, parseHostPort, type HostPort } from './parts.ts';

/** A relay keeps one connection to each; more is a mistake in the file. */
const MAX_ENTRIES = 64;

/** Longer than any download that its operator waits for. */
const MAX_DRAIN_SECONDS = 86_400;

/** Above what one address of a large site gets from one exit. */
const MAX_PER_SECOND = 100_000;

const OPERATOR = /^[\x21-\x7e]{1,100}$/;

export const ConfigSchema = v.pipe(
  v.strictObject({
    identity: PathSchema,
    operator: v.pipe(v.string(), v.regex(OPERATOR, 'must be 1 to 100 printable characters without spaces')),
    region: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code such as DE')),
    /** Where there is a `payments` section, load.ts puts its ledger here. */
    ledger: v.optional(PathSchema),
    payments: v.optional(PaymentsSchema),
    public: v.optional(PublicSchema),
    directory: v.optional(DirectorySchema),
    log: v.optional(v.strictObject({ level: v.optional(v.picklist(LOG_LEVELS), 'info') }), {}),
    /** What running tunnels get at its end to end by themselves. Left out: less than the 10 s that supervisors usually wait. */
    drainSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_DRAIN_SECONDS)), 5),
    operations: v.optional(OperationsSchema),
    limits: v.optional(LimitsSchema, {}),
    contact: v.optional(ContactSchema),
    entry: v.optional(
      v.strictObject({
        tunnels: ListenSchema,
        libp2p: ListenSchema,
        certificate: CertificateSchema,
        /** A web server that shares the port of `tunnels`. */
        web: v.optional(WebSchema),
      }),
    ),
    exit: v.optional(
      v.strictObject({
        entries: v.pipe(
          v.array(NeighbourSchema),
          v.minLength(1, 'must name at least one entry'),
          v.maxLength(MAX_ENTRIES),
        ),
        certificate: CertificateSchema,
        source: v.optional(
          v.pipe(
            v.string(),
            v.check((text) => isIP(text) !== 0, 'must be an IP address'),
          ),
        ),
        resolvers: v.optional(v.array(HostPortSchema)),
        destinations: v.optional(
          v.strictObject({
            allow: v.optional(
              v.array(v.pipe(v.string(), v.check(ipaddr.isValidCIDR, 'must be a range such as 10.0.0.0/8'))),
              [],
            ),
            // 25, 465, 587: mail submission, the first thing that gets an exit's address on block lists.
            denyPorts: v.optional(v.array(PortSchema), [25, 465, 587]),
            /** New connections to one address in a second, over ten seconds. Left out: no limit. */
            perSecond: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(MAX_PER_SECOND))),
          }),
          {},
        ),
        blockLists: v.optional(BlockListsSchema, []),
      }),
    ),
    zone: v.optional(ZoneSchema),
  }),
  v.check(
    ({ entry, exit, zone }) => entry !== undefined || exit !== undefined || zone !== undefined,
    'needs `entry`, `exit` or `zone`, or several of them',
  ),
  v.check(
    ({ entry, exit }) => sharesWell(entry?.certificate.autotls, exit?.certificate.autotls),
    '`autotls` of `entry` and `exit` name one `state` folder and differ in the rest',
  ),
  v.check(
    ({ ledger, payments }) => ledger === undefined || payments?.ledger === undefined || payments.ledger === ledger,
    '`ledger` and `payments.ledger` name two ledgers; one is to go',
  ),
  v.check(
    ({ entry, payments }) => entry !== undefined || (payments?.leasePorts.length ?? 0) === 0,
    '`payments.leasePorts` is for a relay with the role `entry`',
  ),
  v.check(({ entry, payments }) => {
    const usual = entry === undefined ? [] : portsOf(entry.tunnels);
    return payments?.leasePorts.some((port) => usual.includes(port)) !== true;
  }, '`payments.leasePorts` names the port of `entry.tunnels`, which is one anyway'),
  v.check(
    ({ entry, payments }) => entry === undefined || payments === undefined || isSameAtAll(entry.tunnels),
    'with `payments` each address of `entry.tunnels` needs the same ports: who pays has one port, whichever address they come to',
  ),
  v.check(
    ({ entry, public: reached }) =>
      entry === undefined ||
      reached === undefined ||
      reached.tunnelPort !== undefined ||
      portsOf(entry.tunnels).length === 1,
    '`entry.tunnels` has several ports: `public.tunnelPort` has to say which of them others come to',
  ),
  v.check(
    ({ entry, public: reached }) =>
      entry === undefined ||
      reached === undefined ||
      reached.libp2pPort !== undefined ||
      portsOf(entry.libp2p).length === 1,
    '`entry.libp2p` has several ports: `public.libp2pPort` has to say which of them others come to',
  ),
  v.check(
    ({ entry, payments }) =>
      entry?.web === undefined ||
      !hostsOf(entry.tunnels).some((host) =>
        [...portsOf(entry.tunnels), ...(payments?.leasePorts ?? [])].some((port) =>
          leadsBack(entry.web?.address, { host, port }),
        ),
      ),
    '`entry.web.address` leads back to the relay itself',
  ),
  v.check(
    (config) => config.directory === undefined || config.public !== undefined,
    '`directory` needs `public`: how others reach this relay',
  ),
  v.check(
    ({ directory, payments }) =>
      directory === undefined || (directory.payee === undefined) !== (payments === undefined),
    '`directory.payee` is for a relay without `payments`, and such a relay needs it',
  ),
  v.check(
    ({ directory, exit, public: reached }) =>
      directory === undefined || exit === undefined || reached?.zoneRelay !== undefined,
    'an exit in the directory needs `public.zoneRelay`: whose zone its name is in',
  ),
  v.check(
    ({ directory, entry, exit, public: reached }) =>
      directory === undefined || (entry ?? exit) === undefined || reached?.zone !== undefined,
    'an entry or exit in the directory needs `public.zone`: the zone of its name',
  ),
);

export type RelayConfig = v.InferOutput<typeof ConfigSchema>;
export type ExitConfig = NonNullable<RelayConfig['exit']>;
export type EntryConfig = NonNullable<RelayConfig['entry']>;

/** The same certificates serve both roles; two that wrote the same files would undo one another's. */
function sharesWell(one: AutotlsConfig | undefined, other: AutotlsConfig | undefined): boolean {
  return one?.state !== other?.state || JSON.stringify(one) === JSON.stringify(other);
}
