// The data of the few record types that a zone has, as bytes (RFC 1035 §3.3, RFC 3596, RFC 8659). Pure. Names are given lower case without the final dot, and
// were checked by the configuration or by the grammar of circuit names: every label fits.

import ipaddr from 'ipaddr.js';
import { TYPE } from './codes.ts';

export type ResourceRecord = {
  /** Lower case, without the final dot. */
  owner: string;
  type: number;
  /** Seconds. */
  ttl: number;
  /** The data of the record, with names written by `name`. */
  data: (name: (text: string) => Uint8Array) => Uint8Array;
};

export type Soa = { primary: string; mailbox: string; minimum: number };

/** A character-string has its length in one byte. */
const MAX_STRING_BYTES = 255;
/** The zone is answered from its configuration: nobody transfers it, so the serial never moves. */
const SERIAL = 1;
/** For secondaries, of which there are none; the values that RIPE-203 recommends. */
const REFRESH_S = 86_400;
const RETRY_S = 7200;
const EXPIRE_S = 3_600_000;

/** @param address IPv4 or IPv6 in any spelling */
export function addressRecord(owner: string, ttl: number, address: string): ResourceRecord {
  const parsed = ipaddr.parse(address);
  const bytes = Uint8Array.from(parsed.toByteArray());
  return { owner, ttl, type: parsed.kind() === 'ipv4' ? TYPE.a : TYPE.aaaa, data: () => bytes };
}

export function nsRecord(owner: string, ttl: number, server: string): ResourceRecord {
  return { owner, ttl, type: TYPE.ns, data: (name) => name(server) };
}

export function soaRecord(owner: string, ttl: number, { primary, mailbox, minimum }: Soa): ResourceRecord {
  const numbers = Buffer.alloc(20);
  for (const [index, number] of [SERIAL, REFRESH_S, RETRY_S, EXPIRE_S, minimum].entries()) {
    numbers.writeUInt32BE(number, 4 * index);
  }
  return { owner, ttl, type: TYPE.soa, data: (name) => Buffer.concat([name(primary), name(mailbox), numbers]) };
}

/** @param text at most 255 bytes of ASCII */
export function txtRecord(owner: string, ttl: number, text: string): ResourceRecord {
  return { owner, ttl, type: TYPE.txt, data: () => characterString(text) };
}

/** @param issuer the value of an `issue` property, such as `letsencrypt.org; validationmethods=dns-01` (RFC 8659 §4.2, RFC 8657) */
export function caaRecord(owner: string, ttl: number, issuer: string): ResourceRecord {
  return {
    owner,
    ttl,
    type: TYPE.caa,
    data: () => Buffer.concat([Buffer.from([0]), characterString('issue'), Buffer.from(issuer, 'latin1')]),
  };
}

/** What is answered to ANY: that nobody is told everything at once (RFC 8482 §4.2). */
export function hinfoRecord(owner: string, ttl: number): ResourceRecord {
  return { owner, ttl, type: TYPE.hinfo, data: () => Buffer.concat([characterString('RFC8482'), characterString('')]) };
}

function characterString(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'latin1').subarray(0, MAX_STRING_BYTES);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
