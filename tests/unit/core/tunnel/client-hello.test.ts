import { constants } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alertForHelloError,
  ClientHelloError,
  ClientHelloReader,
  MAX_CLIENT_HELLO_BYTES,
  type ClientHelloErrorCode,
} from '../../../../src/core/tunnel/client-hello.ts';
import { encodeFatalAlert } from '../../../../src/core/tunnel/tls-alert.ts';
import {
  captureHello,
  makeHello,
  serverNameExtension,
  toRecords,
  uint16,
  vector,
} from '../../../support/relay-hello.ts';
import { referenceServerName } from '../../../support/relay-reference-hello.ts';
import { runs } from '../../../support/length.ts';

const NAME = '203-0-113-7.k51qzi5uqu5djdhr0b1ghgwmpt1xiuh1bmyju72uuyebsqfd0tyoqhy136gf4r.zone.example';

/** What reading these pieces one after another comes to. */
function read(...pieces: Uint8Array[]): string | undefined {
  const reader = new ClientHelloReader();
  for (const piece of pieces) {
    const name = reader.push(piece);
    if (name !== undefined) return name;
  }
  return undefined;
}

function codeOf(work: () => unknown): ClientHelloErrorCode | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof ClientHelloError) return error.code;
    throw error;
  }
  return undefined;
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** As Chrome's: GREASE at both ends, a post-quantum key share (X25519MLKEM768, 1216 bytes), the name in the middle. */
const chromeLike = makeHello({
  serverName: NAME,
  before: [
    [0x0a0a, new Uint8Array(0)],
    [
      51,
      vector(
        2,
        Buffer.concat([uint16(0x3a3a), vector(2, Buffer.from([0])), uint16(0x11ec), vector(2, Buffer.alloc(1216, 9))]),
      ),
    ],
    [0xfe0d, Buffer.alloc(250, 3)],
  ],
  after: [[0x1a1a, Buffer.from([0])]],
});

describe('a real hello', () => {
  test.each([
    ['TLS 1.3', {}],
    ['TLS 1.2', { maxVersion: 'TLSv1.2' as const }],
    ['with ALPN, without tickets', { ALPNProtocols: ['h2', 'http/1.1'], secureOptions: constants.SSL_OP_NO_TICKET }],
  ])('of Node and OpenSSL, %s, gives its name', async (_, options) => {
    const hello = await captureHello(NAME, options);
    expect(read(hello)).toBe(NAME);
    expect(referenceServerName(hello)).toBe(NAME);
  });

  test('as large as Chrome sends it gives its name, in records of any size', () => {
    expect(chromeLike.length).toBeGreaterThan(1600);
    expect(read(chromeLike)).toBe(NAME);
    const message = chromeLike.subarray(5);
    expect(read(toRecords(message, [1, 3, 500, 64]))).toBe(NAME);
    expect(
      read(
        ...cut(
          toRecords(
            message,
            Array.from({ length: 200 }, () => 7),
          ),
          1,
        ),
      ),
    ).toBe(NAME);
  });

  test('gives its name in lower case, whatever follows it', () => {
    const hello = makeHello({ serverName: NAME.toUpperCase() });
    expect(read(Buffer.concat([hello, Buffer.from([20, 3, 3, 0, 1, 1]), Buffer.alloc(70_000)]))).toBe(NAME);
  });
});

describe('any cut of a hello', () => {
  test('gives the same name, and nothing before the last byte', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 30 });
    fc.assert(
      fc.property(lengths, lengths, (records, cuts) => {
        const hello = toRecords(chromeLike.subarray(5), records);
        const reader = new ClientHelloReader();
        let at = 0;
        for (const length of cuts) {
          const piece = hello.subarray(at, Math.min(at + length, hello.length - 1));
          at += piece.length;
          expect(reader.push(piece)).toBeUndefined();
        }
        expect(reader.push(hello.subarray(at))).toBe(NAME);
      }),
    );
  });

  test('byte by byte gives the name with the last byte', async () => {
    const hello = await captureHello(NAME);
    const reader = new ClientHelloReader();
    const answers = cut(hello, 1).map((byte) => reader.push(byte));
    expect(answers.slice(0, -1).every((answer) => answer === undefined)).toBe(true);
    expect(answers.at(-1)).toBe(NAME);
  });
});

describe('what is no usable hello is refused by name', () => {
  const hello = (body: Uint8Array): Buffer => toRecords(Buffer.concat([Buffer.from([1]), vector(3, body)]));
  const start = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32), Buffer.from([0, 0, 2, 0x13, 1, 1, 0])]);
  const withExtensions = (...list: [number, Uint8Array][]): Buffer =>
    makeHello({ after: list.map(([type, data]) => [type, data]) });

  test.each<[string, ClientHelloErrorCode, Uint8Array]>([
    ['plain HTTP', 'not-tls', Buffer.from('GET / HTTP/1.1\r\n')],
    ['SSL 2', 'not-tls', Buffer.from([0x80, 0x2e, 1, 0, 2])],
    ['a record of an unknown protocol', 'not-tls', Buffer.from([22, 2])],
    ['a ServerHello', 'not-client-hello', toRecords(Buffer.from([2, 0, 0, 2, 3, 3]))],
    ['an empty record', 'malformed', Buffer.from([22, 3, 1, 0, 0])],
    ['a record above 2^14', 'malformed', Buffer.from([22, 3, 1, 0x40, 1])],
    [
      'an alert in the middle',
      'malformed',
      Buffer.concat([
        chromeLike.subarray(0, 0),
        toRecords(chromeLike.subarray(5), [99]).subarray(0, 104),
        Buffer.from([21]),
      ]),
    ],
    ['a hello of 16 MB', 'too-long', toRecords(Buffer.from([1, 255, 255, 255]))],
    ['a hello without extensions', 'no-sni', hello(start)],
    ['a hello without a name', 'no-sni', makeHello({})],
    [
      'an extension longer than its list',
      'malformed',
      hello(Buffer.concat([start, vector(2, Buffer.from([0, 0, 0, 9, 1]))])),
    ],
    [
      'bytes after the extensions',
      'malformed',
      hello(Buffer.concat([start, vector(2, Buffer.alloc(0)), Buffer.from([0])])),
    ],
    [
      'a second message in the record',
      'malformed',
      toRecords(Buffer.concat([chromeLike.subarray(5), Buffer.from([1])])),
    ],
    [
      'two server names',
      'malformed',
      withExtensions(serverNameExtension('a.example'), serverNameExtension('b.example')),
    ],
    [
      'two names in the list',
      'malformed',
      withExtensions([
        0,
        vector(
          2,
          Buffer.concat([Buffer.from([0]), vector(2, Buffer.from('a')), Buffer.from([0]), vector(2, Buffer.from('b'))]),
        ),
      ]),
    ],
    [
      'a name of an unknown type',
      'malformed',
      withExtensions([0, vector(2, Buffer.concat([Buffer.from([1]), vector(2, Buffer.from('a'))]))]),
    ],
    ['an empty name', 'bad-name', makeHello({ serverName: '' })],
    ['a name with a NUL', 'bad-name', makeHello({ serverName: 'good.example\0.evil.example' })],
    ['a name with a slash', 'bad-name', makeHello({ serverName: 'a/b.example' })],
    ['a name of raw UTF-8', 'bad-name', makeHello({ serverName: 'b\u00fccher.example' })],
    ['a name with an empty label', 'bad-name', makeHello({ serverName: 'a..example' })],
    ['a name of 300 characters', 'bad-name', makeHello({ serverName: 'a'.repeat(300) })],
  ])('%s: %s', (_, code, bytes) => {
    expect(codeOf(() => read(bytes))).toBe(code);
    expect(codeOf(() => read(...cut(bytes, 1)))).toBe(code);
  });

  test('more than 16 kB without an end is too long, and is not kept', () => {
    const message = Buffer.concat([Buffer.from([1, 0, 0x3f, 0xf0]), Buffer.alloc(MAX_CLIENT_HELLO_BYTES)]);
    expect(
      codeOf(() =>
        read(
          ...cut(
            toRecords(
              message,
              Array.from({ length: 3000 }, () => 10),
            ),
            1,
          ),
        ),
      ),
    ).toBe('too-long');
  });

  test('every code has an alert of RFC 8446 §6', () => {
    expect(alertForHelloError('no-sni')).toBe(109);
    expect(alertForHelloError('not-tls')).toBe(10);
    expect(alertForHelloError('malformed')).toBe(50);
    expect(alertForHelloError('bad-name')).toBe(112);
    expect([...encodeFatalAlert(112)]).toEqual([21, 3, 3, 0, 2, 2, 112]);
  });
});

const CHANGED = runs(100_000);

test(`${CHANGED} changed hellos: never another error, never a name that the reference parser does not read`, async () => {
  const seed = Number(process.env['HELLO_SEED'] ?? Date.now() & 0x7fffffff);
  console.log(`mutated hellos: HELLO_SEED=${seed}`);
  const draw = randomFrom(seed);
  const originals = [
    chromeLike,
    toRecords(chromeLike.subarray(5), [20, 300]),
    await captureHello(NAME),
    makeHello({ serverName: NAME }),
  ];
  let named = 0;
  for (let round = 0; round < CHANGED; round += 1) {
    const bytes = mutate(originals[draw(originals.length)]!, draw);
    let name: string | undefined;
    try {
      name = read(...cut(bytes, 1 + draw(bytes.length)));
    } catch (error) {
      if (!(error instanceof ClientHelloError)) throw new Error(`round ${round}, seed ${seed}`, { cause: error });
    }
    if (name === undefined) continue;
    named += 1;
    if (name !== referenceServerName(bytes)) expect.fail(`round ${round}, seed ${seed}: read ${name}`);
  }
  // The changes are small: a reader that refused everything would prove nothing.
  expect(named).toBeGreaterThan(CHANGED / 10);
});

/** One to four changes: a bit, a byte, a cut, a doubled or a removed piece. */
function mutate(original: Uint8Array, draw: (below: number) => number): Uint8Array {
  let bytes = Buffer.from(original);
  for (let changes = 1 + draw(4); changes > 0 && bytes.length > 0; changes -= 1) {
    const at = draw(bytes.length);
    const length = 1 + draw(8);
    switch (draw(5)) {
      case 0:
        bytes[at] = bytes[at]! ^ (1 << draw(8));
        break;
      case 1:
        bytes[at] = draw(256);
        break;
      case 2:
        bytes = bytes.subarray(0, at);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    }
  }
  return bytes;
}

/** mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
