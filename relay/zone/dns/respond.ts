// From the bytes of a query to the bytes of its answer: reads, answers, writes, and cuts what is longer than the client takes. Pure; never throws, answers no answer,
// offers no recursion. The client's subnet is given back with scope 0 and looked at by nobody. Called by udp.ts and tcp.ts.

import { answerQuestion, type Reply, type Zone } from './answer.ts';
import * as codes from './codes.ts';
import { FLAG, HEADER_BYTES, QUESTION_TAIL_BYTES, RCODE, TYPE } from './codes.ts';
import { readQuery, type DnsHeader, type DnsQuery, type Edns } from './query.ts';
import type { ResourceRecord } from './records.ts';

export type Transport = 'udp' | 'tcp';

/** Bits of a 16-bit name that is a pointer (RFC 1035 §4.1.4). */
const POINTER = 0xc000;

const EMPTY: Reply = { rcode: RCODE.noError, authoritative: false, answers: [], authorities: [], additionals: [] };

/**
 * Undefined where nothing is to be sent.
 * @param options `cut`: tells the client to come back over TCP, whatever it asked, as a too long answer does
 */
export function respond(
  zone: Zone,
  message: Uint8Array,
  transport: Transport,
  options = { cut: false },
): Uint8Array | undefined {
  const read = readQuery(message);
  if (read.kind === 'ignored') return undefined;
  if (read.kind === 'malformed')
    return write(zone, { header: read.header, reply: { ...EMPTY, rcode: RCODE.formatError } });
  const { query } = read;
  if (options.cut) return write(zone, { ...query, reply: EMPTY, truncated: true });
  const reply = replyTo(zone, query);
  const whole = write(zone, { ...query, reply });
  if (whole.length <= limitOf(query.edns, transport)) return whole;
  // Addresses of name servers are a courtesy; without them it may fit (RFC 2181 §9).
  const bare = write(zone, { ...query, reply: { ...reply, additionals: [] } });
  if (bare.length <= limitOf(query.edns, transport)) return bare;
  return write(zone, {
    ...query,
    reply: { ...EMPTY, rcode: reply.rcode, authoritative: reply.authoritative },
    truncated: true,
  });
}

function replyTo(zone: Zone, { header, question, edns }: DnsQuery): Reply {
  if (header.opcode !== codes.OPCODE_QUERY) return { ...EMPTY, rcode: RCODE.notImplemented };
  if (edns !== undefined && edns.version > 0) return { ...EMPTY, rcode: RCODE.badVersion };
  return answerQuestion(zone, question);
}

function limitOf(edns: Edns | undefined, transport: Transport): number {
  if (transport === 'tcp') return codes.MAX_TCP_BYTES;
  return Math.min(codes.MAX_UDP_BYTES, Math.max(codes.PLAIN_UDP_BYTES, edns?.size ?? 0));
}

type Parts = { header: DnsHeader; reply: Reply; truncated?: boolean } & Partial<Pick<DnsQuery, 'question' | 'edns'>>;

function write(zone: Zone, { header, question, edns, reply, truncated = false }: Parts): Uint8Array {
  const opt = edns === undefined ? [] : [optRecord(edns, reply.rcode)];
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(header.id, 0);
  head.writeUInt16BE(
    FLAG.response |
      (header.opcode << 11) |
      (reply.authoritative ? FLAG.authoritative : 0) |
      (truncated ? FLAG.truncated : 0) |
      (header.recursionDesired ? FLAG.recursionDesired : 0) |
      (reply.rcode & 0xf),
    2,
  );
  const counts = [question === undefined ? 0 : 1, reply.answers.length, reply.authorities.length];
  for (const [index, count] of [...counts, reply.additionals.length + opt.length].entries()) {
    head.writeUInt16BE(count, 4 + 2 * index);
  }
  if (question === undefined) return head;
  const name = nameWriter(zone, question);
  const records = [...reply.answers, ...reply.authorities, ...reply.additionals].map((record) =>
    writeRecord(record, name),
  );
  return Buffer.concat([head, question.bytes, ...records, ...opt]);
}

type NameWriter = (text: string) => Uint8Array;

/** Names end in the zone's, which stands in every question that has records in its answer. */
function nameWriter(zone: Zone, question: DnsQuery['question']): NameWriter {
  const zoneBytes = zone.name.length + 2;
  const zoneAt = HEADER_BYTES + question.bytes.length - QUESTION_TAIL_BYTES - zoneBytes;
  return (text) => {
    if (text === question.name) return pointer(HEADER_BYTES);
    if (text === zone.name) return pointer(zoneAt);
    if (text.endsWith(`.${zone.name}`))
      return Buffer.concat([labels(text.slice(0, -zone.name.length - 1)), pointer(zoneAt)]);
    return Buffer.concat([labels(text), Buffer.from([0])]);
  };
}

function labels(text: string): Uint8Array {
  return Buffer.concat(
    text.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
  );
}

function pointer(at: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(POINTER | at);
  return bytes;
}

function writeRecord({ owner, type, ttl, data }: ResourceRecord, name: NameWriter): Uint8Array {
  const bytes = data(name);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(codes.CLASS.internet, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(bytes.length, 8);
  return Buffer.concat([name(owner), fixed, bytes]);
}

/** RFC 6891 §6.1.2; version 0. Cookies and whatever else came are not given back: nothing here keeps anything of a client. */
function optRecord({ dnssecOk, subnet }: Edns, rcode: number): Uint8Array {
  const options = subnet === undefined ? [] : [subnetOption(subnet)];
  const data = Buffer.concat(options);
  const fixed = Buffer.alloc(11);
  fixed.writeUInt16BE(TYPE.opt, 1);
  fixed.writeUInt16BE(codes.MAX_UDP_BYTES, 3);
  fixed.writeUInt8(rcode >> 4, 5);
  fixed.writeUInt16BE(dnssecOk ? codes.EDNS_DNSSEC_OK : 0, 7);
  fixed.writeUInt16BE(data.length, 9);
  return Buffer.concat([fixed, data]);
}

/** As it came, and so with a scope of 0 bits: this answer is for every client, and a resolver keeps one for all (RFC 7871 §7.2.1). */
function subnetOption(subnet: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(codes.OPTION_CLIENT_SUBNET, 0);
  head.writeUInt16BE(subnet.length, 2);
  return Buffer.concat([head, subnet]);
}
