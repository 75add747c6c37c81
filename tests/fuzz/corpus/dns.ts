// Questions to a zone, by a library that the zone does not use: every type that it knows and some that it does not, with EDNS in all its forms.

import { CHALLENGE, PEER, queryBytes } from '../../support/zone-dns.ts';

const TYPES = ['A', 'AAAA', 'TXT', 'NS', 'SOA', 'CAA', 'ANY', 'AXFR', 'HTTPS', 'MX', 'DS'];

export function dnsQueries(domain: string): Buffer[] {
  const names = [
    ...[domain, `ns1.${domain}`, `127-0-1-31.${PEER}.${domain}`, `2001-db8--1.${PEER}.${domain}`, `${PEER}.${domain}`],
    ...[`_acme-challenge.${PEER}.${domain}`, `_acme-challenge.${CHALLENGE}.${domain}`, `no.such.${domain}`],
    ...['elsewhere.example', '.', `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${domain}`],
  ];
  const edns = [undefined, {}, { size: 512, dnssecOk: true }, { size: 65_535, subnet: '198.51.100.0' }, { version: 1 }];
  return names.flatMap((name) =>
    TYPES.map((type, index) => {
      const with_ = edns[index % edns.length];
      return queryBytes(name, { type, id: 1000 + index, ...(with_ && { edns: with_ }) });
    }),
  );
}

/** As TCP has it: two bytes of length (RFC 1035 §4.2.2). */
export function overTcp(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Math.min(0xffff, message.length));
  return Buffer.concat([length, message]);
}
