// Numbers of DNS that this server knows by name (https://www.iana.org/assignments/dns-parameters). A type that is not here is still a question: it is
// answered with "no such data".

export const TYPE = {
  a: 1,
  ns: 2,
  soa: 6,
  hinfo: 13,
  txt: 16,
  aaaa: 28,
  opt: 41,
  ixfr: 251,
  axfr: 252,
  any: 255,
  caa: 257,
} as const;

export const CLASS = { internet: 1, any: 255 } as const;

/** `badVersion` has more than four bits: the upper eight stand in the OPT record (RFC 6891 §6.1.3). */
export const RCODE = {
  noError: 0,
  formatError: 1,
  nxDomain: 3,
  notImplemented: 4,
  refused: 5,
  badVersion: 16,
} as const;
export type Rcode = (typeof RCODE)[keyof typeof RCODE];

export const OPCODE_QUERY = 0;

/** Bits of the second 16-bit word of a message (RFC 1035 §4.1.1, RFC 4035 §3.2.2). */
export const FLAG = { response: 0x8000, authoritative: 0x0400, truncated: 0x0200, recursionDesired: 0x0100 } as const;

export const HEADER_BYTES = 12;
/** Type and class of a question after its name. */
export const QUESTION_TAIL_BYTES = 4;

/** Of the client, for which it asks (RFC 7871 §6). Never logged, kept or looked at: it is given back with scope 0, "the same for everybody". */
export const OPTION_CLIENT_SUBNET = 8;
/** DNSSEC OK, copied from query to answer (RFC 3225 §3). */
export const EDNS_DNSSEC_OK = 0x8000;

/** What a UDP answer may have without EDNS (RFC 1035 §4.2.1), and at most with it: no fragments on any path (https://dnsflagday.net/2020). */
export const PLAIN_UDP_BYTES = 512;
export const MAX_UDP_BYTES = 1232;
export const MAX_TCP_BYTES = 65_535;
