// The readers of what strangers send, in this process and without a socket: each takes what it takes, and refuses the rest by an error of its own kind. Counted apart from what goes over sockets.

import { formatCircuitName, parseCircuitName, CircuitNameError } from '../../src/core/tunnel/circuit-name.ts';
import { ClientHelloError, ClientHelloReader } from '../../src/core/tunnel/client-hello.ts';
import { decodeDescriptor } from '../../src/core/directory/descriptor.ts';
import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import { decodePage, decodeQuestion } from '../../src/core/directory/directory-messages.ts';
import { splitEntries } from '../../src/core/directory/page.ts';
import { FrameReader } from '../../src/core/wire/frames.ts';
import { decodeSessionMessage } from '../../src/core/wire/session-messages.ts';
import { WireError } from '../../src/core/wire/wire-error.ts';
import { DataStreamError, FrameReader as DataFrameReader, writeHeader } from '../../relay/data/frame-reader.ts';
import { decodeDataKeys, decodeKeyCount, encodeDataKeys, MAX_KEYS } from '../../relay/data/protocol.ts';
import { ExitError } from '../../relay/exit/exit-error.ts';
import { parseAbsoluteForm, parseConnectTarget } from '../../relay/exit/target.ts';
import { decodeKey, formatAuthParams, parseAuthParams } from '../../relay/net/peer-id-auth.ts';
import { BrokerError } from '../../relay/zone/broker/broker-error.ts';
import { parseRegistration } from '../../relay/zone/broker/registration-body.ts';
import { respond } from '../../relay/zone/dns/respond.ts';
import { PEER, testZone, ZONE_NAME } from '../support/zone-dns.ts';
import { dnsQueries } from './corpus/dns.ts';
import { makePages, questions } from './corpus/directory.ts';
import { hellos } from './corpus/hellos.ts';
import { sessionMessages } from './corpus/session.ts';
import { framed } from './frames.ts';
import { mutate, type Form } from './mutate.ts';
import { randomOf } from './surface.ts';

type Decoder = {
  form: Form;
  corpus: readonly Uint8Array[];
  read: (bytes: Buffer) => unknown;
  /** What it throws of what is wrong; of nothing else. */
  error?: abstract new (...words: never[]) => Error;
};

export type Decoded = { inputs: number; ms: number; refused: Record<string, number>; faults: string[] };

const text = (...lines: string[]): Buffer[] => lines.map((line) => Buffer.from(line));
const NAME = formatCircuitName({ address: '192.0.2.1', peer: PEER, zone: ZONE_NAME });
const zone = testZone();
const DATA_KEYS = encodeDataKeys(443, [
  { id: '00'.repeat(16), psk: Buffer.alloc(32, 1) },
  { id: 'ff'.repeat(16), psk: Buffer.alloc(32, 2) },
]);
const DATA_FRAMES = [
  Buffer.concat([writeHeader('bytes', 5), Buffer.from('hello'), writeHeader('came', 1_000), writeHeader('bytes', 0)]),
];

function readDataFrames(bytes: Buffer): void {
  new DataFrameReader({ bytes: () => undefined, came: () => undefined, end: () => undefined }).push(bytes);
}

async function decoders(): Promise<Record<string, Decoder>> {
  const { pages, columns, descriptors } = await makePages();
  const [payer, payee] = [sessionMessages('payer'), sessionMessages('payee')];
  const right = { random: randomOf(0, 'frames', 0), isValid: true };
  const frames = [...payer, ...payee].map((message) => framed(right, message));
  const { signatures } = columns;
  return {
    'messages of a payer': decoder('protobuf', payer, (bytes) => decodeSessionMessage(bytes, 'payer'), WireError),
    'messages of a payee': decoder('protobuf', payee, (bytes) => decodeSessionMessage(bytes, 'payee'), WireError),
    frames: decoder('bytes', frames, (bytes) => new FrameReader().push(bytes), WireError),
    questions: decoder('protobuf', questions(), decodeQuestion, DirectoryError),
    pages: decoder('protobuf', pages, decodePage, DirectoryError),
    columns: decoder(
      'bytes',
      [columns.descriptors],
      (bytes) => splitEntries({ descriptors: bytes, signatures }),
      DirectoryError,
    ),
    descriptors: decoder('protobuf', descriptors, decodeDescriptor, DirectoryError),
    hellos: decoder('bytes', await hellos(NAME, ''), (bytes) => new ClientHelloReader().push(bytes), ClientHelloError),
    'questions for keys': decoder('bytes', [Uint8Array.of(16)], decodeKeyCount, WireError),
    'keys of data connections': decoder('bytes', [DATA_KEYS], (bytes) => decodeDataKeys(bytes, MAX_KEYS), WireError),
    'frames of data connections': decoder('bytes', DATA_FRAMES, readDataFrames, DataStreamError),
    'circuit names': decoder('text', text(NAME), (bytes) => parseCircuitName(bytes.toString()), CircuitNameError),
    'DNS over UDP': decoder('bytes', dnsQueries(ZONE_NAME), (bytes) => respond(zone, bytes, 'udp')),
    'DNS over TCP': decoder('bytes', dnsQueries(ZONE_NAME), (bytes) => respond(zone, bytes, 'tcp')),
    registrations: decoder(
      'text',
      text(
        JSON.stringify({ value: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg', addresses: ['/ip4/192.0.2.1/tcp/1'] }),
      ),
      (bytes) => parseRegistration(bytes.toString()),
      BrokerError,
    ),
    'proofs of a peer id': decoder(
      'text',
      text(formatAuthParams({ 'challenge-client': 'abc', 'public-key': 'CAESIA==', opaque: 'x', sig: 'y' })),
      (bytes) => decodeKey(parseAuthParams(bytes.toString())?.get('public-key')),
    ),
    'URLs for the exit': decoder(
      'text',
      text('http://example.org/a?b', 'http://[2001:db8::1]:8080/', 'http://192.0.2.1/', 'http://xn--bcher-kva.example'),
      (bytes) => parseAbsoluteForm(bytes.toString(), 'GET'),
      ExitError,
    ),
    'authorities for the exit': decoder(
      'text',
      text('example.org:443', '[2001:db8::1]:443', '192.0.2.1:80', '0x7f.1:443'),
      (bytes) => parseConnectTarget(bytes.toString()),
      ExitError,
    ),
  };
}

function decoder(form: Form, corpus: readonly Uint8Array[], read: Decoder['read'], error?: Decoder['error']): Decoder {
  return { form, corpus, read, ...(error && { error }) };
}

/** As many inputs, the same number to each. @param seed says all of them */
export async function fuzzDecoders(seed: number, inputs: number): Promise<Decoded> {
  const all = Object.entries(await decoders());
  const start = performance.now();
  const result: Decoded = { inputs: 0, ms: 0, refused: {}, faults: [] };
  const each = Math.ceil(inputs / all.length);
  for (const [name, { form, corpus, read, error }] of all) {
    const random = randomOf(seed, name, 0);
    for (let number = 0; number < each; number += 1) {
      const bytes = mutate(random, form, corpus);
      result.inputs += 1;
      try {
        read(bytes);
      } catch (thrown) {
        if (error !== undefined && thrown instanceof error) result.refused[name] = (result.refused[name] ?? 0) + 1;
        else
          result.faults.push(
            `${name}, input ${number} of seed ${seed}: ${String(thrown)} (${bytes.toString('base64')})`,
          );
      }
      // The first ones tell as much as all.
      if (result.faults.length > 10) break;
    }
  }
  result.ms = performance.now() - start;
  return result;
}
