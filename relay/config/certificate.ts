// Where a relay's certificate comes from: `files` that somebody else renews, or `autotls`, which asks the brokers of zones. Part of schema.ts.

import { multiaddr } from '@multiformats/multiaddr';
import * as v from 'valibot';
import { DomainSchema, HostPortSchema, PathSchema } from './parts.ts';

/** Each costs an order every two months; more is a mistake in the file. */
const MAX_ZONES = 8;
const MAX_ADDRESSES = 8;
const MAX_CT_LOGS = 8;

const UrlSchema = v.pipe(
  v.string(),
  v.check((text) => URL.parse(text)?.protocol === 'https:', 'must be an https URL'),
);

const AutotlsZoneSchema = v.strictObject({
  /** The relay's names end in it. */
  domain: DomainSchema,
  /** Of its broker, as p2p-forge has it: https://registration.libp2p.direct */
  registration: UrlSchema,
  /** Directory of a certificate authority (RFC 8555 §7.1.1) that the zone's CAA record lets issue. Its terms of service are agreed to. */
  acme: UrlSchema,
});

const AutotlsSchema = v.strictObject({
  /** Folder for certificates and their keys, made at the first start. */
  state: PathSchema,
  /** Key of the account with the authorities, made at the first start. Left out: `account.key` in that folder. */
  account: v.optional(PathSchema),
  /** Where brokers reach this relay by libp2p, to see that it is who it says. */
  announce: v.pipe(
    v.array(v.pipe(v.string(), v.check(isDialable, 'must be a multiaddr such as /ip4/192.0.2.1/tcp/7401'))),
    v.minLength(1, 'must name at least one address'),
    v.maxLength(MAX_ADDRESSES),
  ),
  /** Of a relay that listens nowhere else, as an exit: open for brokers alone, for the seconds that they need. */
  listen: v.optional(HostPortSchema),
  zones: v.pipe(
    v.array(AutotlsZoneSchema),
    v.minLength(1, 'must name at least one zone'),
    v.maxLength(MAX_ZONES),
    v.check((zones) => new Set(zones.map(({ domain }) => domain)).size === zones.length, 'names a domain twice'),
  ),
  /** Certificate transparency logs (RFC 6962) that are watched for certificates of this relay's names with other keys. A busy one sends a megabyte in a second. */
  ctLogs: v.optional(v.pipe(v.array(UrlSchema), v.maxLength(MAX_CT_LOGS)), []),
});

export const CertificateSchema = v.pipe(
  v.strictObject({
    files: v.optional(v.strictObject({ key: PathSchema, chain: PathSchema })),
    autotls: v.optional(AutotlsSchema),
  }),
  v.check(
    ({ files, autotls }) => (files === undefined) !== (autotls === undefined),
    'needs `files` or `autotls`, one of them',
  ),
);

export type CertificateConfig = v.InferOutput<typeof CertificateSchema>;
export type AutotlsConfig = v.InferOutput<typeof AutotlsSchema>;
export type AutotlsZone = v.InferOutput<typeof AutotlsZoneSchema>;

/** What a broker dials: an address, a port, and perhaps a WebSocket. */
function isDialable(text: string): boolean {
  try {
    const names = multiaddr(text)
      .getComponents()
      .map(({ name }) => name)
      .join(' ');
    return /^ip[46] tcp( ws)?( p2p)?$/.test(names);
  } catch {
    return false;
  }
}
