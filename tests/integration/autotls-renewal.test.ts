// A renewal under way: tunnels of an exit go on through it, byte for byte, and who connects then is shown the new certificate.

import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { connect as connectTcp, createServer } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Certificate } from '../../relay/certificates/certificate-source.ts';
import { offerWindow } from '../support/acme-window.ts';
import { createAutotlsBench, type AutotlsBench } from '../support/autotls-bench.ts';
import { startExit, tunnel, type TestExit } from '../support/exit-proxy.ts';

const HOST = '127.0.5.5';
const ORIGIN = '127.0.2.35';
const HOUR_MS = 3_600_000;
const SESSIONS = 4;
const TUNNELS_PER_SESSION = 10;
/** Longer than what is under way at once, so that each tunnel has moved bytes before, during and after. */
const ROUNDS_AFTER = 20;

let bench: AutotlsBench;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  bench = await createAutotlsBench(HOST, ['zone.test']);
  closers.push(() => bench.close());
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

test('a renewal drops no tunnel', async () => {
  const [{ authority, pebble, zone }] = bench.zones as [AutotlsBench['zones'][number]];
  offerWindow(authority, { start: Date.now() - 2000, end: Date.now() - 1000 });
  const { source, clock } = await bench.start().running;
  const name = `192-0-2-1.${bench.label}.${zone.domain}`;
  const root = await pebble.root(bench.client);
  const exit = await startExit({ certificate: source });
  closers.push(() => exit.stop());
  const origin = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  origin.listen(0, ORIGIN);
  await once(origin, 'listening');
  closers.push(() => origin.close());
  const { port } = origin.address() as { port: number };

  const first = await openSession(exit, name, root);
  const sessions = [
    first,
    ...(await Promise.all(Array.from({ length: SESSIONS - 1 }, () => openSession(exit, name, root)))),
  ];
  const streams = await Promise.all(
    sessions.flatMap(({ session }) =>
      Array.from({ length: TUNNELS_PER_SESSION }, () => tunnel(session, `${ORIGIN}:${port}`)),
    ),
  );
  let renewed = false;
  let dropped = 0;
  const pumps = streams.map((stream, index) =>
    pump(stream, index, () => renewed).catch(() => {
      dropped += 1;
    }),
  );

  await clock.asleep();
  const changed = new Promise<Certificate>((resolve) => source.onChange(resolve));
  clock.advance(7 * HOUR_MS);
  await changed;
  renewed = true;
  const last = await openSession(exit, name, root);
  await Promise.all(pumps);
  const serial = ({ socket }: { socket: TLSSocket }): string => socket.getPeerCertificate().serialNumber;
  expect(serial(last)).not.toBe(serial(first));
  console.log(`renewal with ${streams.length} tunnels under way: ${dropped} dropped`);
  expect(dropped).toBe(0);
  for (const { session } of [...sessions, last]) session.destroy();
});

/** Sends and checks what comes back, until some rounds after `isOver`. Rejects when a byte is missing, wrong or too late. */
async function pump(stream: ClientHttp2Stream, index: number, isOver: () => boolean): Promise<void> {
  let left = ROUNDS_AFTER;
  for (let round = 0; left > 0; round += 1) {
    if (isOver()) left -= 1;
    const sent = Buffer.alloc(8192, `${index}:${round};`);
    stream.write(sent);
    let got = Buffer.alloc(0);
    while (got.length < sent.length) {
      const [chunk] = (await once(stream, 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
      got = Buffer.concat([got, chunk]);
    }
    if (!got.equals(sent)) throw new Error('other bytes came back');
  }
}

async function openSession(
  exit: TestExit,
  name: string,
  ca: string,
): Promise<{ session: ClientHttp2Session; socket: TLSSocket }> {
  const socket = connectTls({ socket: connectTcp(exit.proxy.path), servername: name, ca, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const session = connectHttp2(`https://${name}`, { createConnection: () => socket });
  session.on('error', () => undefined);
  await once(session, 'remoteSettings');
  return { session, socket };
}
