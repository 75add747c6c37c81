// What an entry does with connections that it cannot carry, at once: a TLS alert and an end where the hello is wrong, a reset where the exit is gone; and a line in the log without a name.

import { once } from 'node:events';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectTo, circuitName, receive } from '../support/relay-client.ts';
import { makeHello } from '../support/relay-hello.ts';
import { createRelayBench, tunnelsPort, ZONE, type RelayBench, type RelayProcess } from '../support/relay-process.ts';

const NOBODY = 'k51qzi5uqu5djdhr0b1ghgwmpt1xiuh1bmyju72uuyebsqfd0tyoqhy136gf4r';

let bench: RelayBench;
let entry: RelayProcess;

beforeAll(async () => {
  bench = await createRelayBench();
  entry = await bench.startEntry();
});
afterAll(() => bench.clean());

async function answerTo(bytes: Uint8Array): Promise<number[]> {
  const socket = connectTo(entry);
  socket.write(bytes);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  socket.end();
  await once(socket, 'close');
  return [...Buffer.concat(chunks)];
}

const fatal = (description: number): number[] => [21, 3, 3, 0, 2, 2, description];

test.each([
  ['a name that is no circuit', 'not-a-circuit', 112, makeHello({ serverName: 'www.example.com' })],
  ['a hello without a name', 'no-sni', 109, makeHello({})],
  ['plain HTTP', 'not-tls', 10, Buffer.from('GET http://www.example.com/ HTTP/1.1\r\n\r\n')],
  ['a broken hello', 'malformed', 50, makeHello({ serverName: 'a' }).fill(0xff, 60)],
  [
    'a hello that does not end',
    'too-long',
    50,
    Buffer.from([22, 3, 1, 0x40, 0, 1, 0xff, 0, 0, ...Buffer.alloc(20_000)]),
  ],
])('%s gets its alert and the log its code', async (_, code, description, bytes) => {
  const from = entry.lines.length;
  expect(await answerTo(bytes)).toEqual(fatal(description));
  expect(await entry.event('tunnel-refused', from)).toMatchObject({ code });
});

test('a TLS client sees the alert by its name, also after it has sent far more than a hello', async () => {
  const client = tlsConnect({ ...tunnelsPort(entry), servername: 'www.example.com', rejectUnauthorized: false });
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ERR_SSL_TLSV1_UNRECOGNIZED_NAME');
  const more = Buffer.concat([makeHello({ serverName: 'www.example.com' }), Buffer.alloc(500_000)]);
  expect(await answerTo(more)).toEqual(fatal(112));
});

test('an exit that is not connected ends in a reset without a byte: only at that does Firefox take the next circuit', async () => {
  const from = entry.lines.length;
  const socket = connectTo(entry);
  socket.write(makeHello({ serverName: `127-0-1-31.${NOBODY}.${ZONE}` }));
  expect(await receive(socket)).toMatchObject({ length: 0, clean: false });
  expect(await entry.event('tunnel-refused', from)).toMatchObject({ code: 'unknown-exit' });
});

test('a hello that does not come within 10 s ends the connection', { timeout: 30_000 }, async () => {
  const socket = connectTo(entry);
  socket.write(makeHello({ serverName: circuitName(entry) }).subarray(0, 50));
  const from = entry.lines.length;
  const start = performance.now();
  expect(await receive(socket)).toMatchObject({ length: 0 });
  expect(performance.now() - start).toBeGreaterThan(9000);
  expect(await entry.event('tunnel-refused', from)).toMatchObject({ code: 'timeout' });
});

test('nothing of what clients asked for, and none of their addresses, stands in the log', async () => {
  await answerTo(makeHello({ serverName: 'secret-destination.example' }));
  expect(entry.output()).not.toContain('example');
  // The entry's own address is in `relay-ready`; a client's comes from the same machine but from a port of its own.
  const socket = connectTo(entry);
  await once(socket, 'connect');
  const port = socket.localPort!;
  socket.write(makeHello({ serverName: 'www.example.com' }));
  const from = entry.lines.length;
  await entry.event('tunnel-refused', from);
  socket.destroy();
  expect(entry.output()).not.toContain(String(port));
});
