// Places to begin as the person types them: every form of an address that libp2p's own library writes is read, other ones are refused by name, and what a DNSADDR record says is read as far as it is of use.

import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import * as dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatBeginAddress,
  MAX_ADDRESS_CHARACTERS,
  parseBeginAddress,
} from '../../../../src/core/directory/begin-address.ts';
import { BeginError } from '../../../../src/core/directory/begin-error.ts';
import {
  MAX_BEGIN_ADDRESSES,
  MAX_BEGIN_NAMES,
  NO_BEGIN_PLACES,
  parseBeginPlaces,
} from '../../../../src/core/directory/begin-places.ts';
import { MAX_RECORDS, parseDnsaddrName, readRecords } from '../../../../src/core/directory/dnsaddr.ts';
import { labelOfKey, labelOfPeerId } from '../../../../src/core/directory/peer-key.ts';
import { decodeTxtAnswer, encodeTxtQuery } from '../../../../src/core/directory/txt-query.ts';
import { ParseError } from '../../../../src/core/state/parse.ts';
import { formatCircuitName } from '../../../../src/core/tunnel/circuit-name.ts';

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
const peerIdOf = (key: Uint8Array): string => peerIdFromPublicKey(publicKeyFromRaw(key)).toString();
const ip6 = fc.constantFrom('2001:db8::7', '::1', '2a00:1450:4001:82a::200e');
const places = fc.record({
  key: keys,
  address: fc.oneof(fc.ipV4(), ip6),
  port: fc.integer({ min: 1, max: 65_535 }),
  zone: fc.constantFrom('libp2p.example', 'z.test'),
});
type Place = { key: Uint8Array; address: string; port: number; zone: string };

const hostOf = ({ key, address, zone }: Place): string => formatCircuitName({ address, peer: labelOfKey(key), zone });
function formsOf(place: Place): string[] {
  const { key, address, port } = place;
  const family = address.includes(':') ? 6 : 4;
  const name = hostOf(place);
  const ways = [
    ...[`dns${family}`, 'dns'].flatMap((dns) => [
      `/${dns}/${name}/tcp/${port}/tls/ws`,
      `/${dns}/${name}/tcp/${port}/wss`,
      `/${dns}/${name}/tcp/${port}/tls/sni/${name}/ws`,
    ]),
    `/ip${family}/${address}/tcp/${port}/tls/sni/${name}/ws`,
  ];
  return ways.flatMap((way) => [way, `${way}/p2p/${peerIdOf(key)}`, `${way}/p2p/${labelOfKey(key)}`]);
}

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'read';
  } catch (error) {
    expect(error).toBeInstanceOf(BeginError);
    return (error as BeginError).code;
  }
};

describe('an address', () => {
  test('is read in all of its forms, as itself, and from a link’s fragment; libp2p reads what is stored', () => {
    fc.assert(
      fc.property(places, (place) => {
        const wanted = { peer: labelOfKey(place.key), host: hostOf(place), port: place.port, address: place.address };
        for (const form of formsOf(place)) {
          expect(parseBeginAddress(form)).toEqual(wanted);
          expect(parseBeginAddress(` https://pages.example/begin#${encodeURIComponent(form)}\n`)).toEqual(wanted);
        }
        const spelt = formatBeginAddress(wanted);
        expect(parseBeginAddress(spelt)).toEqual(wanted);
        expect(
          multiaddr(spelt)
            .getComponents()
            .map(({ name }) => name)
            .join(' '),
        ).toMatch(/^dns[46] tcp tls ws p2p$/);
      }),
    );
  });

  const place: Place = { key: new Uint8Array(32).fill(7), address: '192.0.2.7', port: 443, zone: 'z.test' };
  const other = new Uint8Array(32).fill(8);
  const name = hostOf(place);
  const good = `/dns4/${name}/tcp/443/tls/ws`;
  test.each([
    ['nothing', '', 'begin-not-an-address'],
    ['a name alone', name, 'begin-not-an-address'],
    ['a link without one', 'https://pages.example/begin', 'begin-not-an-address'],
    ['a link of broken escapes', 'https://pages.example/#%zz', 'begin-not-an-address'],
    ['UDP', `/dns4/${name}/udp/443/quic-v1`, 'begin-not-an-address'],
    ['no port', `/dns4/${name}/tcp`, 'begin-not-an-address'],
    ['port 0', `/dns4/${name}/tcp/0/tls/ws`, 'begin-not-an-address'],
    ['port 65536', `/dns4/${name}/tcp/65536/tls/ws`, 'begin-not-an-address'],
    ['a port in words', `/dns4/${name}/tcp/https/tls/ws`, 'begin-not-an-address'],
    ['libp2p for other relays', `/ip4/192.0.2.7/tcp/7401/p2p/${peerIdOf(place.key)}`, 'begin-no-wss'],
    ['a WebSocket in clear', `/dns4/${name}/tcp/80/ws`, 'begin-no-wss'],
    ['TLS without a WebSocket', `/dns4/${name}/tcp/443/tls`, 'begin-no-wss'],
    ['through another relay', `${good}/p2p-circuit`, 'begin-no-wss'],
    ['WebTransport', `/dns4/${name}/tcp/443/tls/webtransport`, 'begin-no-wss'],
    ['a name that is no relay’s', '/dns4/relay.example/tcp/443/tls/ws', 'begin-not-own-name'],
    ['an address without a name', '/ip4/192.0.2.7/tcp/443/tls/ws', 'begin-not-own-name'],
    ['another peer’s id', `${good}/p2p/${peerIdOf(other)}`, 'begin-wrong-peer'],
    ['a peer id that is none', `${good}/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN`, 'begin-wrong-peer'],
    ['another address than the name’s', `/ip4/192.0.2.8/tcp/443/tls/sni/${name}/ws`, 'begin-wrong-peer'],
    [
      'another name in TLS',
      `${good.replace('/ws', '')}/sni/${hostOf({ ...place, key: other })}/ws`,
      'begin-wrong-peer',
    ],
    ['the other family', good.replace('dns4', 'dns6'), 'begin-wrong-peer'],
    ['without end', `${good}${'/ws'.repeat(MAX_ADDRESS_CHARACTERS)}`, 'begin-too-long'],
  ])('%s is refused by its name', (_, text, code) => {
    expect(codeOf(() => parseBeginAddress(text))).toBe(code);
  });

  test('is read, or refused by a name, whatever is typed', () => {
    const word = fc.constantFrom('dns4', 'ip4', 'tcp', 'tls', 'ws', 'wss', 'sni', 'p2p', name, '443', '', '192.0.2.7');
    const texts = fc.oneof(
      fc.string(),
      fc.array(word, { maxLength: 12 }).map((words) => `/${words.join('/')}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        codeOf(() =>
          expect(parseBeginAddress(formatBeginAddress(parseBeginAddress(text)))).toEqual(parseBeginAddress(text)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test('a peer id is the same key as libp2p’s', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(labelOfPeerId(peerIdOf(key))).toBe(labelOfKey(key));
      }),
    );
    expect(labelOfPeerId('12D3KooW0'.padEnd(52, '1'))).toBe(undefined);
  });
});

describe('a name', () => {
  test.each([
    ['example.org', 'example.org'],
    ['dnsaddr:Example.org', 'example.org'],
    [' /dnsaddr/begin.example.org. ', 'begin.example.org'],
    [`/dnsaddr/example.org/p2p/${peerIdOf(new Uint8Array(32).fill(7))}`, 'example.org'],
    ['localhost', 'begin-not-a-name'],
    ['', 'begin-not-a-name'],
    ['a b.org', 'begin-not-a-name'],
    ['<b>.org', 'begin-not-a-name'],
    ['/dns4/example.org', 'begin-not-a-name'],
    [`${'a'.repeat(63)}.`.repeat(4), 'begin-too-long'],
    ['x'.repeat(9999), 'begin-too-long'],
  ])('%s: %s', (text, wanted) => {
    let name = '';
    expect(codeOf(() => (name = parseDnsaddrName(text)))).toBe(wanted.startsWith('begin-') ? wanted : 'read');
    if (!wanted.startsWith('begin-')) expect(name).toBe(wanted);
  });

  test('its records are read as far as they are of use, and no more than so many', () => {
    const place: Place = { key: new Uint8Array(32).fill(7), address: '192.0.2.7', port: 443, zone: 'z.test' };
    const good = formsOf(place)[0]!;
    const { addresses, names } = readRecords(
      [
        'v=spf1 -all',
        `dnsaddr=${good}`,
        'dnsaddr=/ip4/192.0.2.7/tcp/1',
        'dnsaddr=/dnsaddr/more.example.org',
        'dnsaddr=',
      ],
      MAX_RECORDS,
    );
    expect(addresses).toEqual([parseBeginAddress(good)]);
    expect(names).toEqual(['more.example.org']);
    const many = Array.from({ length: 100 }, (_, at) => `dnsaddr=${good.replace('/443/', `/${at + 1}/`)}`);
    expect(readRecords(many, MAX_RECORDS).addresses).toHaveLength(MAX_RECORDS);
    expect(readRecords(many, 3).addresses).toHaveLength(3);
  });
});

describe('a question for TXT records', () => {
  const name = '_dnsaddr.begin.example.org';

  test('is what a resolver reads', () => {
    const read = dnsPacket.decode(Buffer.from(encodeTxtQuery(name)));
    expect(read).toMatchObject({ type: 'query', id: 0, flags: dnsPacket.RECURSION_DESIRED });
    expect(read.questions).toEqual([{ name, type: 'TXT', class: 'IN' }]);
  });

  const answer = (answers: dnsPacket.Answer[], flags = 0): Uint8Array =>
    dnsPacket.encode({ type: 'response', id: 0, flags, questions: [{ type: 'TXT', name }], answers });
  const txt = (...data: string[]): dnsPacket.Answer => ({ type: 'TXT', name, data });

  test('has its answer read, in pieces, behind aliases and beside other records', () => {
    const texts = fc.array(
      fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 255 }), { minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(texts, (all) => {
        const alias: dnsPacket.Answer = { type: 'CNAME', name, data: 'elsewhere.example.org' };
        const bytes = answer([alias, ...all.map((strings) => txt(...strings)), { type: 'A', name, data: '192.0.2.1' }]);
        expect(decodeTxtAnswer(bytes)).toEqual(all.map((strings) => strings.join('')));
      }),
    );
  });

  test('is told by name why there is none', () => {
    const NXDOMAIN = 3;
    expect(codeOf(() => decodeTxtAnswer(answer([], NXDOMAIN)))).toBe('begin-no-records');
    expect(codeOf(() => decodeTxtAnswer(answer([], 2)))).toBe('begin-bad-answer');
    expect(codeOf(() => decodeTxtAnswer(answer([txt('x')], dnsPacket.TRUNCATED_RESPONSE)))).toBe('begin-bad-answer');
    expect(codeOf(() => decodeTxtAnswer(encodeTxtQuery(name)))).toBe('begin-bad-answer');
    expect(decodeTxtAnswer(answer([]))).toEqual([]);
  });

  test('any bytes are read, or refused by name, in no time', () => {
    const whole = answer([txt('dnsaddr=/a'), txt('b'.repeat(255), 'c')]);
    const changed = fc
      .tuple(fc.nat(whole.length), fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }))
      .map(([length, changes]) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes.subarray(0, length);
      });
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        codeOf(() => decodeTxtAnswer(bytes));
      }),
      { numRuns: 5000 },
    );
    const endless = new Uint8Array(65_535).fill(0);
    endless.set([0, 0, 0x80, 0, 0, 0, 1, 0]);
    expect(codeOf(() => decodeTxtAnswer(endless))).toBe('read');
    endless.set([0, 0, 0x80, 0, 0, 0, 0xff, 0xff]);
    expect(codeOf(() => decodeTxtAnswer(endless))).toBe('begin-bad-answer');
    // Records of nothing, 11 bytes each.
    const some = (count: number) => endless.subarray(0, 12 + 11 * count);
    endless.set([0, 0, 0x80, 0, 0, 0, 1, 0]);
    expect(codeOf(() => decodeTxtAnswer(some(256)))).toBe('read');
    endless.set([0, 0, 0x80, 0, 0, 0, 1, 1]);
    expect(codeOf(() => decodeTxtAnswer(some(257)))).toBe('begin-bad-answer');
    // One that ends outside of the message.
    expect(codeOf(() => decodeTxtAnswer(answer([{ type: 'A', name, data: '192.0.2.1' }]).subarray(0, -1)))).toBe(
      'begin-bad-answer',
    );
  });
});

describe('the places of a person', () => {
  const place: Place = { key: new Uint8Array(32).fill(7), address: '192.0.2.7', port: 443, zone: 'z.test' };
  const forms = formsOf(place);
  const spelt = formatBeginAddress(parseBeginAddress(forms[0]!));
  const given = {
    addresses: forms.slice(0, MAX_BEGIN_ADDRESSES),
    names: ['dnsaddr:A.example'],
    resolver: 'https://dns.test/q',
  };

  test('are kept once each, in one spelling, and read back through storage', () => {
    const read = parseBeginPlaces(given);
    expect(read).toEqual({ addresses: [spelt], names: ['a.example'], resolver: 'https://dns.test/q' });
    expect(parseBeginPlaces(JSON.parse(JSON.stringify(read)))).toEqual(read);
    expect(parseBeginPlaces(JSON.parse(JSON.stringify(NO_BEGIN_PLACES)))).toEqual(NO_BEGIN_PLACES);
  });

  test.each([
    ['too many addresses', { addresses: Array(MAX_BEGIN_ADDRESSES + 1).fill(spelt) }, 'begin-too-many'],
    ['too many names', { names: Array(MAX_BEGIN_NAMES + 1).fill('a.example') }, 'begin-too-many'],
    ['a resolver in clear', { resolver: 'http://dns.test/' }, 'begin-not-a-resolver'],
    [
      'a resolver by address, from which pages cannot be kept',
      { resolver: 'https://192.0.2.1/q' },
      'begin-not-a-resolver',
    ],
    ['a resolver by IPv6 address', { resolver: 'https://[2001:db8::1]/q' }, 'begin-not-a-resolver'],
    ['a resolver with a final dot', { resolver: 'https://dns.test./q' }, 'begin-not-a-resolver'],
    ['a resolver with a password', { resolver: 'https://a:b@dns.test/' }, 'begin-not-a-resolver'],
    ['a resolver that is a script', { resolver: 'javascript:alert(1)' }, 'begin-not-a-resolver'],
    ['a resolver without end', { resolver: `https://dns.test/${'x'.repeat(600)}` }, 'begin-too-long'],
  ])('%s', (_, part, code) => {
    expect(codeOf(() => parseBeginPlaces({ ...given, ...part }))).toBe(code);
  });

  test('are read, or refused by name, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ addresses: fc.array(fc.string()), names: fc.array(fc.string()) })),
        (value) => {
          try {
            parseBeginPlaces(value);
          } catch (error) {
            expect(error instanceof BeginError || error instanceof ParseError).toBe(true);
          }
        },
      ),
    );
  });
});
