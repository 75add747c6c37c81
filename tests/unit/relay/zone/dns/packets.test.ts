// Packets that nobody made on purpose: whatever bytes come, the name server does not throw, what it answers can be read, and it answers for its own zone alone. fast-check
// prints the seed of a failure.

import * as dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { respond } from '../../../../../relay/zone/dns/respond.ts';
import { CHALLENGE, PEER, queryBytes, testZone, ZONE_NAME } from '../../../../support/zone-dns.ts';

const zone = testZone({ challengesOf: () => [CHALLENGE] });

const label = fc.oneof(
  fc.constantFrom(
    '192-0-2-1',
    '2001-db8--1',
    '_acme-challenge',
    'ns1',
    'www',
    PEER,
    PEER.toUpperCase(),
    'zone',
    'test',
  ),
  fc.stringMatching(/^[a-zA-Z0-9_-]{1,63}$/),
);
const inZone = fc.array(label, { maxLength: 3 }).map((labels) => [...labels, ZONE_NAME].join('.'));
const anyName = fc.oneof(
  inZone,
  fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.')),
);
const type = fc.constantFrom('A', 'AAAA', 'TXT', 'NS', 'SOA', 'CAA', 'ANY', 'AXFR', 'HTTPS', 'MX', 'DS');
const edns = fc.option(
  fc.record(
    { size: fc.nat(65_535), version: fc.nat(2), dnssecOk: fc.boolean(), subnet: fc.constant('198.51.100.0') },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);
const query = fc
  .tuple(anyName, type, edns, fc.nat(65_535))
  .filter(([name]) => name.length <= 253)
  .map(([name, type, edns, id]) => ({ name, bytes: queryBytes(name, { type, id, ...(edns && { edns }) }) }));
const transport = fc.constantFrom('udp' as const, 'tcp' as const);

/** Some bytes of it overwritten, cut off or added. */
const mutated = fc
  .tuple(
    query,
    fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 8 }),
    fc.nat(300),
    fc.uint8Array({ maxLength: 40 }),
  )
  .map(([{ bytes }, writes, length, tail]) => {
    const copy = Buffer.concat([bytes.subarray(0, Math.max(12, length)), tail]);
    for (const [at, byte] of writes) copy[at % copy.length] = byte;
    return copy;
  });

test('a query gets an answer that can be read: its own question, never more bytes than it may have', () => {
  fc.assert(
    fc.property(query, transport, ({ bytes, name }, by) => {
      const answer = Buffer.from(respond(zone, bytes, by)!);
      const read = dnsPacket.decode(answer);
      const asked = dnsPacket.decode(bytes);
      expect(read.type).toBe('response');
      expect(read.id).toBe(asked.id);
      expect(read.questions).toEqual(asked.questions);
      expect((read.flags ?? 0) & dnsPacket.RECURSION_AVAILABLE).toBe(0);
      const opt = asked.additionals?.find((record) => record.type === 'OPT');
      if (by === 'udp')
        expect(answer.length).toBeLessThanOrEqual(Math.min(1232, Math.max(512, opt?.udpPayloadSize ?? 0)));
      const lower = name.toLowerCase();
      const ours = lower === ZONE_NAME || lower.endsWith(`.${ZONE_NAME}`);
      if (ours) return;
      expect((read.flags ?? 0) & dnsPacket.AUTHORITATIVE_ANSWER).toBe(0);
      expect([...(read.answers ?? []), ...(read.authorities ?? [])]).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test('whatever the bytes are, nothing is thrown, and what is sent can be read or is a bare header', () => {
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 600 })), transport, (bytes, by) => {
      const answer = respond(zone, bytes, by);
      if (answer === undefined) return;
      expect([answer[0], answer[1]]).toEqual([bytes[0], bytes[1]]);
      expect(answer[2]! & 0x80).toBe(0x80);
      expect(answer.length === 12 || isReadable(answer)).toBe(true);
      // No amplification beyond what a zone of this size can say.
      expect(answer.length).toBeLessThanOrEqual(bytes.length + 300);
    }),
    { numRuns: 5000 },
  );
});

test('names with bytes that no host name has are told apart from ours', () => {
  // One label `test.` + zone: a dot within a label is not the end of one.
  const name = Buffer.concat([Buffer.from([9]), Buffer.from(ZONE_NAME), Buffer.from([0])]);
  const bytes = Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name, Buffer.from([0, 6, 0, 1])]);
  const answer = Buffer.from(respond(zone, bytes, 'udp')!);
  expect(answer.readUInt16BE(2) & 0xf).toBe(5);
  expect(answer.subarray(12)).toEqual(bytes.subarray(12));
});

function isReadable(answer: Uint8Array): boolean {
  try {
    dnsPacket.decode(Buffer.from(answer));
    return true;
  } catch {
    return false;
  }
}
