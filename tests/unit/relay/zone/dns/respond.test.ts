// What a zone answers, seen through dns-packet: names that are there, names that are not, names that only have others below them, and everything around them.

import * as dnsPacket from 'dns-packet';
import { expect, test } from 'vitest';
import type { Zone } from '../../../../../relay/zone/dns/answer.ts';
import { respond } from '../../../../../relay/zone/dns/respond.ts';
import { CHALLENGE, PEER, queryBytes, testZone, ZONE_NAME, type QueryOptions } from '../../../../support/zone-dns.ts';

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

function ask(name: string, options: QueryOptions = {}, zone: Zone = testZone()) {
  const bytes = Buffer.from(respond(zone, queryBytes(name, options), 'udp')!);
  const { answers = [], authorities = [], additionals = [], questions = [], flags = 0 } = dnsPacket.decode(bytes);
  return {
    rcode: RCODES[flags & 0xf],
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursion: (flags & 0x0080) !== 0,
    question: questions[0]!,
    answers: answers.filter((record) => record.type !== 'OPT') as {
      type: string;
      name: string;
      ttl: number;
      data: unknown;
    }[],
    authorities: authorities as { type: string; name: string; ttl: number }[],
    additionals,
    opt: additionals.find((record) => record.type === 'OPT'),
    bytes,
  };
}

test('an address stands in the name, and is answered for any relay', () => {
  const { rcode, authoritative, recursion, answers, authorities } = ask(`192-0-2-1.${PEER}.${ZONE_NAME}`);
  expect({ rcode, authoritative, recursion, authorities }).toEqual({
    rcode: 'NOERROR',
    authoritative: true,
    recursion: false,
    authorities: [],
  });
  expect(answers).toMatchObject([
    { type: 'A', name: `192-0-2-1.${PEER}.${ZONE_NAME}`, data: '192.0.2.1', ttl: 86_400 },
  ]);
  expect(ask(`2001-db8--1.${PEER}.${ZONE_NAME}`, { type: 'AAAA' }).answers).toMatchObject([
    { type: 'AAAA', data: '2001:db8::1' },
  ]);
});

test('the question comes back in the letters in which it was asked', () => {
  const name = `192-0-2-1.${PEER}.${ZONE_NAME}`.replaceAll('k', 'K').replace('zone', 'zOnE');
  const { question, answers } = ask(name);
  expect(question.name).toBe(name);
  expect(answers[0]).toMatchObject({ name, data: '192.0.2.1' });
});

test.each([
  ['a name with another type', `192-0-2-1.${PEER}.${ZONE_NAME}`, 'AAAA'],
  ['a name with a type that nobody has', `192-0-2-1.${PEER}.${ZONE_NAME}`, 'HTTPS'],
  ['a relay, which has names below it', `${PEER}.${ZONE_NAME}`, 'A'],
  ['a challenge that was not set', `_acme-challenge.${PEER}.${ZONE_NAME}`, 'TXT'],
  ['the zone, which has no address', ZONE_NAME, 'A'],
  ['a host with another type', `ns1.${ZONE_NAME}`, 'TXT'],
])('is there without data: %s', (_, name, type) => {
  const { rcode, answers, authorities } = ask(name, { type });
  expect({ rcode, answers: answers.length }).toEqual({ rcode: 'NOERROR', answers: 0 });
  expect(authorities).toMatchObject([{ type: 'SOA', name: ZONE_NAME }]);
});

test.each([
  ['no relay', `192-0-2-1.nobody.${ZONE_NAME}`],
  ['no address', `www.${PEER}.${ZONE_NAME}`],
  ['an octet too large', `192-0-2-256.${PEER}.${ZONE_NAME}`],
  ['below an address', `a.192-0-2-1.${PEER}.${ZONE_NAME}`],
  ['below a challenge', `a._acme-challenge.${PEER}.${ZONE_NAME}`],
  ['below a host', `a.ns1.${ZONE_NAME}`],
  ['another label', `www.${ZONE_NAME}`],
  ['an IPv4 address in the clothes of IPv6', `0--ffff-c000-201.${PEER}.${ZONE_NAME}`],
])('does not exist: %s', (_, name) => {
  const { rcode, authoritative, authorities } = ask(name);
  expect({ rcode, authoritative }).toEqual({ rcode: 'NXDOMAIN', authoritative: true });
  expect(authorities).toMatchObject([{ type: 'SOA', name: ZONE_NAME, ttl: 300 }]);
});

test('an address that may not be answered does not exist', () => {
  const zone = testZone({ mayAnswer: (address) => address !== '10.0.0.1' });
  expect(ask(`10-0-0-1.${PEER}.${ZONE_NAME}`, {}, zone).rcode).toBe('NXDOMAIN');
});

test('a challenge is answered while it is set, and what is not there is forgotten as fast', () => {
  const name = `_acme-challenge.${PEER}.${ZONE_NAME}`;
  const zone = testZone({ challengesOf: (peer) => (peer === PEER ? [CHALLENGE, 'B'.repeat(43)] : []) });
  const { answers } = ask(name, { type: 'TXT' }, zone);
  expect(answers.map(({ data, ttl }) => [String((data as Buffer[])[0]), ttl])).toEqual([
    [CHALLENGE, 10],
    ['B'.repeat(43), 10],
  ]);
  expect(ask(name, { type: 'TXT' }).authorities).toMatchObject([{ type: 'SOA', ttl: 10 }]);
});

test('the zone says who serves it, with their addresses, who answers for it and who may issue certificates', () => {
  const servers = ask(ZONE_NAME, { type: 'NS' });
  expect(servers.answers.map(({ data }) => data)).toEqual([`ns1.${ZONE_NAME}`, 'ns.elsewhere.test']);
  expect(servers.additionals).toMatchObject([
    { type: 'A', name: `ns1.${ZONE_NAME}`, data: '192.0.2.53' },
    { type: 'AAAA', name: `ns1.${ZONE_NAME}`, data: '2001:db8::53' },
  ]);
  expect(ask(ZONE_NAME, { type: 'SOA' }).answers).toMatchObject([
    { data: { mname: `ns1.${ZONE_NAME}`, rname: `hostmaster.${ZONE_NAME}`, minimum: 300 } },
  ]);
  expect(ask(ZONE_NAME, { type: 'CAA' }).answers).toMatchObject([
    { data: { flags: 0, tag: 'issue', value: 'ca.test' } },
  ]);
  expect(ask(`ns1.${ZONE_NAME}`).answers).toMatchObject([{ data: '192.0.2.53' }]);
});

test.each([
  ['another domain', 'example.org', 'A'],
  ['the domain above', 'test', 'NS'],
  ['a name that only ends alike', `my${ZONE_NAME}`, 'A'],
  ['the root', '.', 'NS'],
  ['a transfer', ZONE_NAME, 'AXFR'],
])('is refused: %s', (_, name, type) => {
  const { rcode, authoritative, answers, authorities } = ask(name, { type, flags: dnsPacket.RECURSION_DESIRED });
  expect({ rcode, authoritative, answers, authorities }).toEqual({
    rcode: 'REFUSED',
    authoritative: false,
    answers: [],
    authorities: [],
  });
});

test('everything at once is told to nobody (RFC 8482)', () => {
  expect(ask(`192-0-2-1.${PEER}.${ZONE_NAME}`, { type: 'ANY' }).answers).toMatchObject([
    { type: 'HINFO', data: { cpu: 'RFC8482', os: '' } },
  ]);
  expect(ask(`www.${ZONE_NAME}`, { type: 'ANY' }).rcode).toBe('NXDOMAIN');
});

test('EDNS: the size of the server, the DO bit, and a client subnet with scope 0', () => {
  const { opt } = ask(`192-0-2-1.${PEER}.${ZONE_NAME}`, { edns: { dnssecOk: true, subnet: '198.51.100.0' } });
  expect(opt).toMatchObject({ udpPayloadSize: 1232, ednsVersion: 0, flag_do: true });
  expect(opt!.options).toMatchObject([{ code: 8, ip: '198.51.100.0', sourcePrefixLength: 24, scopePrefixLength: 0 }]);
  expect(ask(ZONE_NAME).opt).toBeUndefined();
});

test('EDNS of a later version is told which there is (BADVERS)', () => {
  const { rcode, opt, answers } = ask(`192-0-2-1.${PEER}.${ZONE_NAME}`, { edns: { version: 1 } });
  expect({ rcode, extended: opt?.extendedRcode, version: opt?.ednsVersion, answers }).toEqual({
    rcode: 'NOERROR',
    extended: 1,
    version: 0,
    answers: [],
  });
});

test('an answer that is too long is cut, for a client without EDNS at 512 bytes and for any at 1232', () => {
  const many = (count: number): Zone =>
    testZone({ nameServers: Array.from({ length: count }, (_, index) => `${'n'.repeat(40)}${index}.elsewhere.test`) });
  const short = ask(ZONE_NAME, { type: 'NS' }, many(10));
  expect({ truncated: short.truncated, answers: short.answers }).toEqual({ truncated: true, answers: [] });
  const longer = ask(ZONE_NAME, { type: 'NS', edns: { size: 4096 } }, many(10));
  expect({ truncated: longer.truncated, answers: longer.answers.length }).toEqual({ truncated: false, answers: 10 });
  const long = ask(ZONE_NAME, { type: 'NS', edns: { size: 4096 } }, many(30));
  expect({ truncated: long.truncated, opt: long.opt?.udpPayloadSize }).toEqual({ truncated: true, opt: 1232 });
  const tcp = dnsPacket.decode(Buffer.from(respond(many(30), queryBytes(ZONE_NAME, { type: 'NS' }), 'tcp')!));
  expect(tcp.answers).toHaveLength(30);
});

test('addresses of name servers are left out before anything is cut', () => {
  const hosts = new Map([[`ns1.${ZONE_NAME}`, Array.from({ length: 40 }, (_, index) => `192.0.2.${index}`)]]);
  const { truncated, answers, additionals } = ask(ZONE_NAME, { type: 'NS' }, testZone({ hosts }));
  expect({ truncated, answers: answers.length, additionals }).toEqual({
    truncated: false,
    answers: 2,
    additionals: [],
  });
});

test('other operations are not implemented, other classes refused, and answers not answered', () => {
  const status = queryBytes(ZONE_NAME, { flags: 2 << 11 });
  expect(Buffer.from(respond(testZone(), status, 'udp')!).readUInt16BE(2) & 0xf).toBe(4);
  const chaos = queryBytes(ZONE_NAME, { type: 'TXT' });
  chaos.writeUInt16BE(3, chaos.length - 2);
  expect(Buffer.from(respond(testZone(), chaos, 'udp')!).readUInt16BE(2) & 0xf).toBe(5);
  const answer = queryBytes(ZONE_NAME);
  answer.writeUInt16BE(0x8000, 2);
  expect(respond(testZone(), answer, 'udp')).toBeUndefined();
});

test.each([
  ['two questions', (query: Buffer) => query.writeUInt16BE(2, 4)],
  ['no question', (query: Buffer) => query.writeUInt16BE(0, 4)],
  ['a record that is not there', (query: Buffer) => query.writeUInt16BE(1, 10)],
  ['a name that points to itself', (query: Buffer) => query.writeUInt16BE(0xc00c, 12)],
  ['a label of 70 bytes', (query: Buffer) => query.writeUInt8(70, 12)],
])('is told that it is malformed: %s', (_, spoil) => {
  const query = queryBytes(`192-0-2-1.${PEER}.${ZONE_NAME}`);
  spoil(query);
  const answer = Buffer.from(respond(testZone(), query, 'udp')!);
  expect({ length: answer.length, rcode: answer.readUInt16BE(2) & 0xf, id: answer.readUInt16BE(0) }).toEqual({
    length: 12,
    rcode: 1,
    id: 4711,
  });
});

test.each([
  ['a label of 64 bytes', 64],
  ['a pointer, which is no label of 192 bytes', 192],
])('is told that it is malformed, though every byte is there: %s', (_, length) => {
  const head = Buffer.from([0x12, 0x67, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const query = Buffer.concat([head, Buffer.from([length]), Buffer.alloc(length, 'a'), Buffer.from([0, 0, 1, 0, 1])]);
  expect(Buffer.from(respond(testZone(), query, 'udp')!).readUInt16BE(2) & 0xf).toBe(1);
});

test('a client subnet that is not well-formed is told so (RFC 7871 §7.1.2)', () => {
  const query = queryBytes(ZONE_NAME, { edns: { subnet: '198.51.100.0' } });
  query.writeUInt8(25, query.length - 5);
  expect(Buffer.from(respond(testZone(), query, 'udp')!).readUInt16BE(2) & 0xf).toBe(1);
});

test('what is shorter than a header gets nothing', () => {
  expect(respond(testZone(), Buffer.alloc(11), 'udp')).toBeUndefined();
  expect(respond(testZone(), Buffer.alloc(0), 'udp')).toBeUndefined();
});
