// Reads a DNS query: the header, exactly one question, and the OPT record if there is one (RFC 1035 §4, RFC 6891 §6.1). Pure; it never throws, whatever the bytes
// are, and never follows a compression pointer. Called by respond.ts.

import { FLAG, HEADER_BYTES, OPTION_CLIENT_SUBNET, QUESTION_TAIL_BYTES, TYPE } from './codes.ts';

export type DnsHeader = { id: number; opcode: number; recursionDesired: boolean };

export type DnsQuestion = {
  /** Lower case, without the final dot; bytes that are no host name's stand as `\ddd`. */
  name: string;
  type: number;
  class: number;
  /** As it was asked, letter case included: resolvers check that it comes back so (draft-vixie-dnsext-dns0x20). */
  bytes: Uint8Array;
};

export type Edns = {
  /** Bytes that the client takes over UDP. */
  size: number;
  version: number;
  dnssecOk: boolean;
  /** The body of a client-subnet option, whole and well-formed. */
  subnet: Uint8Array | undefined;
};

export type DnsQuery = { header: DnsHeader; question: DnsQuestion; edns: Edns | undefined };

export type ReadQuery =
  | { kind: 'query'; query: DnsQuery }
  /** Somebody asked something that cannot be read: they are told so. */
  | { kind: 'malformed'; header: DnsHeader }
  /** Nothing is sent: no header, or an answer, and answers to answers never end. */
  | { kind: 'ignored' };

const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;
/** A query has an OPT record, and perhaps a signature; more is nobody's. */
const MAX_RECORDS = 4;
/** Type, class, TTL, length. */
const RECORD_TAIL_BYTES = 10;
const POINTER = 0xc0;

export function readQuery(message: Uint8Array): ReadQuery {
  if (message.length < HEADER_BYTES) return { kind: 'ignored' };
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const flags = view.getUint16(2);
  if ((flags & FLAG.response) !== 0) return { kind: 'ignored' };
  const header: DnsHeader = {
    id: view.getUint16(0),
    opcode: (flags >> 11) & 0xf,
    recursionDesired: (flags & FLAG.recursionDesired) !== 0,
  };
  const malformed: ReadQuery = { kind: 'malformed', header };
  const records = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  if (view.getUint16(4) !== 1 || records > MAX_RECORDS) return malformed;
  const question = readQuestion(message, view);
  if (question === undefined) return malformed;
  const edns = readRecords(message, view, HEADER_BYTES + question.bytes.length, records);
  if (edns === 'malformed') return malformed;
  return { kind: 'query', query: { header, question, edns } };
}

function readQuestion(message: Uint8Array, view: DataView): DnsQuestion | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = message[at];
    // Nothing stands before the question that a pointer could lead to.
    if (length === undefined || length > MAX_LABEL_BYTES) return undefined;
    at += 1;
    if (length === 0) break;
    if (at + length > message.length || at + length - HEADER_BYTES >= MAX_NAME_BYTES) return undefined;
    labels.push(readLabel(message.subarray(at, at + length)));
    at += length;
  }
  if (at + QUESTION_TAIL_BYTES > message.length) return undefined;
  return {
    name: labels.join('.'),
    type: view.getUint16(at),
    class: view.getUint16(at + 2),
    bytes: message.subarray(HEADER_BYTES, at + QUESTION_TAIL_BYTES),
  };
}

/** A dot or a backslash within a label must not look like the end of one. */
function readLabel(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c;
    return plain ? String.fromCharCode(byte).toLowerCase() : `\\${String(byte).padStart(3, '0')}`;
  }).join('');
}

/** The OPT record among `count` records from `at` on, which must end the message. */
function readRecords(message: Uint8Array, view: DataView, at: number, count: number): Edns | undefined | 'malformed' {
  let edns: Edns | undefined;
  for (let index = 0; index < count; index += 1) {
    const root = message[at] === 0;
    const fixed = endOfName(message, at);
    if (fixed === undefined || fixed + RECORD_TAIL_BYTES > message.length) return 'malformed';
    const data = fixed + RECORD_TAIL_BYTES;
    const end = data + view.getUint16(fixed + 8);
    if (end > message.length) return 'malformed';
    if (view.getUint16(fixed) === TYPE.opt) {
      const subnet = readOptions(message.subarray(data, end));
      // One, and of the root (RFC 6891 §6.1.1).
      if (edns !== undefined || !root || subnet === 'malformed') return 'malformed';
      const flags = view.getUint16(fixed + 6);
      edns = {
        size: view.getUint16(fixed + 2),
        version: message[fixed + 5] ?? 0,
        dnssecOk: (flags & 0x8000) !== 0,
        subnet,
      };
    }
    at = end;
  }
  return at === message.length ? edns : 'malformed';
}

function endOfName(message: Uint8Array, start: number): number | undefined {
  for (let at = start; at - start < MAX_NAME_BYTES;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if (length >= POINTER) return at + 2;
    if (length > MAX_LABEL_BYTES) return undefined;
    at += 1 + length;
  }
  return undefined;
}

/** Walks the options of an OPT record; the client subnet's body where there is one. */
function readOptions(data: Uint8Array): Uint8Array | undefined | 'malformed' {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let subnet: Uint8Array | undefined;
  for (let at = 0; at < data.length;) {
    if (at + 4 > data.length) return 'malformed';
    const end = at + 4 + view.getUint16(at + 2);
    if (end > data.length) return 'malformed';
    if (view.getUint16(at) === OPTION_CLIENT_SUBNET) {
      const body = data.subarray(at + 4, end);
      if (!isSubnet(body)) return 'malformed';
      subnet = body;
    }
    at = end;
  }
  return subnet;
}

/** Family, source and scope prefix, and as many bytes of the address as the source prefix needs (RFC 7871 §6 and §7.1.2). */
function isSubnet(body: Uint8Array): boolean {
  const [, family, source = 0, scope] = body;
  const bits = family === 1 ? 32 : family === 2 ? 128 : 0;
  return (
    body.length >= 4 && body[0] === 0 && scope === 0 && source <= bits && body.length === 4 + Math.ceil(source / 8)
  );
}
