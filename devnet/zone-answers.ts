// What the devnet's name server answers, as a pure function of the question: circuit names of its zones by the grammar of
// src/core/tunnel/circuit-name.ts, the demo sites, and nothing else. The transports around it: zone-dns.ts, zone-doh.ts.

import type { Answer, Packet, SoaAnswer } from 'dns-packet';
import * as dnsPacket from 'dns-packet';
import ipaddr from 'ipaddr.js';
import { CircuitNameError, parseCircuitName } from '../src/core/tunnel/circuit-name.ts';

/** Short: addresses of a devnet change with every start, and browsers keep what they were told. */
const TTL_SECONDS = 5;

export const RCODE = { noError: 0, formErr: 1, nxDomain: 3, notImp: 4, refused: 5 } as const;

/** Bits 11-14 of the flags; 0 is a standard query (RFC 1035 §4.1.1). */
const OPCODE_SHIFT = 11;
const OPCODE_QUERY = 0;

export type ZoneData = {
  /** Zones of circuit names, lower case. */
  zones: readonly string[];
  /** Domain of sites, and the address of each of its hosts. */
  sites: { domain: string; hosts: { get(name: string): string | undefined } };
  /** Single names outside of all these, and their addresses. */
  others?: ReadonlyMap<string, string>;
  /** Names that do not resolve for now, with everything below them. */
  gone?: ReadonlySet<string>;
  /** Answers for every name there is: what is not of it does not exist. Otherwise it is refused, as somebody else's. */
  everything?: boolean;
};

export type Question = { name: string; type: string };

export type ZoneReply = { rcode: number; addresses: { type: 'A' | 'AAAA'; data: string }[]; zone: string | undefined };

/** Answers one question. An empty list with `noError` is NODATA: the name exists, not with this type. */
export function answerQuestion(data: ZoneData, question: Question): ZoneReply {
  const name = question.name.toLowerCase().replace(/\.$/, '');
  const other = data.others?.get(name);
  if (other !== undefined) return { rcode: RCODE.noError, addresses: ofType(question.type, other), zone: name };
  const zone = [...data.zones, data.sites.domain].find((each) => name === each || name.endsWith(`.${each}`));
  if (zone === undefined) return { rcode: data.everything ? RCODE.nxDomain : RCODE.refused, addresses: [], zone };
  if (name === zone) return { rcode: RCODE.noError, addresses: [], zone };
  if (data.gone !== undefined && isCovered(name, data.gone)) return { rcode: RCODE.nxDomain, addresses: [], zone };
  const address = zone === data.sites.domain ? data.sites.hosts.get(name) : circuitAddress(name, zone);
  if (address === undefined) return { rcode: RCODE.nxDomain, addresses: [], zone };
  return { rcode: RCODE.noError, addresses: ofType(question.type, address), zone };
}

function ofType(asked: string, address: string): ZoneReply['addresses'] {
  const type = ipaddr.IPv6.isValid(address) ? 'AAAA' : 'A';
  return asked === type ? [{ type, data: address }] : [];
}

/** Answers a DNS message (RFC 1035 §4). Returns undefined where not even a header can be read: nothing is sent then. */
export function answerMessage(
  data: ZoneData,
  message: Uint8Array,
  seen: (question: Question) => void,
): Buffer | undefined {
  let query: Packet;
  try {
    query = dnsPacket.decode(Buffer.from(message));
  } catch {
    return undefined;
  }
  if (query.type !== 'query') return undefined;
  const [question, ...more] = query.questions ?? [];
  if (!question || more.length > 0) return encode(query, RCODE.formErr, [], undefined);
  if ((((query.flags ?? 0) >> OPCODE_SHIFT) & 0xf) !== OPCODE_QUERY) return encode(query, RCODE.notImp, [], undefined);
  seen({ name: question.name.toLowerCase(), type: question.type });
  const reply = answerQuestion(data, question);
  const answers = reply.addresses.map(({ type, data: address }): Answer => ({
    type,
    name: question.name,
    ttl: TTL_SECONDS,
    data: address,
  }));
  return encode(query, reply.rcode, answers, reply.zone);
}

function isCovered(name: string, domains: ReadonlySet<string>): boolean {
  return [...domains].some((domain) => name === domain || name.endsWith(`.${domain}`));
}

/** An address only where the name reads back as a circuit name of exactly this zone. */
function circuitAddress(name: string, zone: string): string | undefined {
  try {
    const circuit = parseCircuitName(name);
    return circuit.zone === zone ? circuit.address : undefined;
  } catch (error) {
    if (error instanceof CircuitNameError) return undefined;
    throw error;
  }
}

function encode(query: Packet, rcode: number, answers: Answer[], zone: string | undefined): Buffer {
  // A negative answer carries the zone's SOA, whose minimum says how long it may be kept (RFC 2308 §3).
  const authorities = answers.length === 0 && zone !== undefined ? [soa(zone)] : [];
  const recursionDesired = (query.flags ?? 0) & dnsPacket.RECURSION_DESIRED;
  return dnsPacket.encode({
    type: 'response',
    id: query.id ?? 0,
    flags: (zone === undefined ? 0 : dnsPacket.AUTHORITATIVE_ANSWER) | recursionDesired | rcode,
    questions: query.questions ?? [],
    answers,
    authorities,
  });
}

function soa(zone: string): SoaAnswer & { name: string } {
  const data = {
    mname: `ns.${zone}`,
    rname: `hostmaster.${zone}`,
    serial: 1,
    refresh: 3600,
    retry: 600,
    expire: 86_400,
    minimum: TTL_SECONDS,
  };
  return { type: 'SOA', name: zone, ttl: TTL_SECONDS, data };
}
