// What a zone answers to a question, as a pure function: the address that stands in a circuit name, the challenge that a relay has left for its certificate
// authority, and the zone's own records. It answers for its own zone alone, and knows nothing of who asks. Called by respond.ts.

import ipaddr from 'ipaddr.js';
import {
  CircuitNameError,
  isPeerLabel,
  parseCircuitName,
  type PeerLabel,
} from '../../../src/core/tunnel/circuit-name.ts';
import { CLASS, RCODE, TYPE, type Rcode } from './codes.ts';
import {
  addressRecord,
  caaRecord,
  hinfoRecord,
  nsRecord,
  soaRecord,
  txtRecord,
  type ResourceRecord,
} from './records.ts';

export type Zone = {
  /** The delegated domain, lower case. */
  name: string;
  /** Names of its name servers, the first of them the primary; those within the zone stand in `hosts` too. */
  nameServers: readonly string[];
  /** Whom to write to, as a name: `hostmaster.example.org` is hostmaster@example.org. */
  mailbox: string;
  /** Names one label below the zone that have addresses of their own. */
  hosts: ReadonlyMap<string, readonly string[]>;
  /** Who may issue certificates, as values of CAA `issue` properties; none: everybody. */
  issuers: readonly string[];
  /** Whether an address is answered: names that lead into private networks are a way to attack them through a browser. */
  mayAnswer(address: string): boolean;
  /** What is to stand at `_acme-challenge` of this relay now. */
  challengesOf(peer: PeerLabel): readonly string[];
};

export type Reply = {
  rcode: Rcode;
  authoritative: boolean;
  answers: ResourceRecord[];
  authorities: ResourceRecord[];
  additionals: ResourceRecord[];
};

/** The answer stands in the question and never changes; a day bounds how long it shows in caches. p2p-forge says a week. */
const ADDRESS_TTL = 86_400;
/** What changes only with the configuration. */
const ZONE_TTL = 3600;
/** Asked by a certificate authority seconds after it was set, perhaps also just before: neither may stay (p2p-forge has the same). */
const CHALLENGE_TTL = 10;
/** A name that is not there never will be, but for a relay's challenge; short, because a mistake in the configuration is put right (RFC 2308 §5). */
const NEGATIVE_TTL = 300;

const CHALLENGE_LABEL = '_acme-challenge';

/** Undefined: the name does not exist. Empty: it does, or names below it do (RFC 8020), and it has no records. */
type Records = ResourceRecord[] | undefined;

export function answerQuestion(zone: Zone, question: { name: string; type: number; class: number }): Reply {
  const { name, type } = question;
  const ours = name === zone.name || name.endsWith(`.${zone.name}`);
  const ourClass = question.class === CLASS.internet || question.class === CLASS.any;
  // A transfer would only repeat the configuration.
  if (!ours || !ourClass || type === TYPE.axfr || type === TYPE.ixfr)
    return reply(RCODE.refused, { authoritative: false });
  const records = recordsAt(zone, name);
  if (records === undefined) return reply(RCODE.nxDomain, { authorities: [soa(zone, NEGATIVE_TTL)] });
  if (type === TYPE.any) return reply(RCODE.noError, { answers: [hinfoRecord(name, ZONE_TTL)] });
  const answers = records.filter((record) => record.type === type);
  if (answers.length > 0) return reply(RCODE.noError, { answers, additionals: type === TYPE.ns ? glue(zone) : [] });
  const ttl = name.startsWith(`${CHALLENGE_LABEL}.`) ? CHALLENGE_TTL : NEGATIVE_TTL;
  return reply(RCODE.noError, { authorities: [soa(zone, ttl)] });
}

function reply(rcode: Rcode, parts: Partial<Reply>): Reply {
  return { rcode, authoritative: true, answers: [], authorities: [], additionals: [], ...parts };
}

function recordsAt(zone: Zone, name: string): Records {
  if (name === zone.name) return apex(zone);
  const host = zone.hosts.get(name);
  if (host !== undefined) return host.map((address) => addressRecord(name, ZONE_TTL, address));
  const labels = name.slice(0, -zone.name.length - 1).split('.');
  const [first = '', peer = ''] = labels.length === 2 ? labels : ['', ...labels];
  if (labels.length > 2 || !isPeerLabel(peer)) return undefined;
  if (labels.length === 1) return [];
  if (first === CHALLENGE_LABEL) return zone.challengesOf(peer).map((value) => txtRecord(name, CHALLENGE_TTL, value));
  const address = circuitAddress(zone, name);
  return address === undefined ? undefined : [addressRecord(name, ADDRESS_TTL, address)];
}

function apex(zone: Zone): ResourceRecord[] {
  return [
    soa(zone, ZONE_TTL),
    ...zone.nameServers.map((server) => nsRecord(zone.name, ZONE_TTL, server)),
    ...zone.issuers.map((issuer) => caaRecord(zone.name, ZONE_TTL, issuer)),
  ];
}

/** The time to live of the SOA of a negative answer is that of the answer (RFC 2308 §3). */
function soa(zone: Zone, ttl: number): ResourceRecord {
  const primary = zone.nameServers[0] ?? zone.name;
  return soaRecord(zone.name, ttl, { primary, mailbox: zone.mailbox, minimum: NEGATIVE_TTL });
}

function glue(zone: Zone): ResourceRecord[] {
  return zone.nameServers.flatMap((server) =>
    (zone.hosts.get(server) ?? []).map((address) => addressRecord(server, ZONE_TTL, address)),
  );
}

function circuitAddress(zone: Zone, name: string): string | undefined {
  try {
    const { address } = parseCircuitName(name);
    const parsed = ipaddr.parse(address);
    // `::ffff:192.0.2.1` is no address of a host, but another spelling of one.
    if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()) return undefined;
    return zone.mayAnswer(address) ? address : undefined;
  } catch (error) {
    if (error instanceof CircuitNameError) return undefined;
    throw error;
  }
}
