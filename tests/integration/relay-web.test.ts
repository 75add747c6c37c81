// A web server that shares the relay's port: real HTTPS through a real relay process, with circuits and the relay's own name beside it.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCreditMeter } from '../support/credit-meter.ts';
import { eventually } from '../support/eventually.ts';
import { startPaidRelays } from '../support/paid-relays.ts';
import { circuitName, openTunnel, receive } from '../support/relay-client.ts';
import { patternHash } from '../support/relay-pattern.ts';
import {
  createRelayBench,
  libp2pAddress,
  tunnelsPort,
  ZONE,
  type RelayBench,
  type RelayProcess,
} from '../support/relay-process.ts';

const WEB_HOST = '127.0.1.36';
const SITE = 'www.example.org';
const NOBODY = 'k51qzi5uqu5djdhr0b1ghgwmpt1xiuh1bmyju72uuyebsqfd0tyoqhy136gf4r';
/** More than all buffers on the way hold. */
const BODY = Buffer.alloc(20_000_003, 'a page ');
const TUNNEL_BYTES = 20_000_000;

let bench: RelayBench;
let web: Server;
/** Connections that came to the web server. */
let visits = 0;
let address: string;
let entry: RelayProcess;
let exit: RelayProcess;

beforeAll(async () => {
  bench = await createRelayBench();
  const { key, chain } = await bench.ca.issue({ names: [SITE, '*.example.org'] });
  web = createServer({ key, cert: chain }, (incoming, response) => {
    const hash = createHash('sha256');
    incoming.on('data', (chunk: Buffer) => hash.update(chunk));
    incoming.on('end', () => response.end(incoming.method === 'PUT' ? hash.digest('hex') : BODY));
  });
  web.on('connection', () => (visits += 1));
  web.on('tlsClientError', () => undefined);
  web.listen(0, WEB_HOST);
  await once(web, 'listening');
  address = `${WEB_HOST}:${(web.address() as AddressInfo).port}`;
  entry = await bench.startEntry({}, { web: { address } });
  exit = await bench.startRawExit([libp2pAddress(entry)]);
  await entry.event('entry-exit-connected');
});
afterAll(async () => {
  await bench.clean();
  web.closeAllConnections();
  web.close();
});

type Answer = { status: number; body: Buffer };

async function get(relay: RelayProcess, servername: string, body?: Buffer): Promise<Answer> {
  const asked = request({
    ...{ ...tunnelsPort(relay), servername, ca: bench.ca.certificate, agent: false },
    ...{ method: body === undefined ? 'GET' : 'PUT', headers: { host: servername } },
  });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode, body: Buffer.concat(chunks) };
}

/** How a TLS client is refused, by OpenSSL's name of the alert or Node's of the socket's end. */
async function refusalOf(relay: RelayProcess, servername: string): Promise<string | undefined> {
  const client = tlsConnect({ ...tunnelsPort(relay), servername, rejectUnauthorized: false });
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  return error.code;
}

test('the site answers at the relay’s port with its own certificate, and a circuit runs there meanwhile', async () => {
  const tunnel = openTunnel(entry, exit, `send ${TUNNEL_BYTES}`);
  const [page, upload, carried] = await Promise.all([get(entry, SITE), get(entry, SITE, BODY), receive(tunnel)]);
  tunnel.end();
  expect(page.status).toBe(200);
  expect(page.body.equals(BODY)).toBe(true);
  expect(upload.body.toString()).toBe(createHash('sha256').update(BODY).digest('hex'));
  expect(carried).toEqual({ length: TUNNEL_BYTES, sha256: patternHash(TUNNEL_BYTES), clean: true });
});

test('curl gets it too, by name and without one', async () => {
  const { host, port } = tunnelsPort(entry);
  const ca = join(bench.folder, 'web-ca.pem');
  writeFileSync(ca, bench.ca.certificate);
  const curl = async (...options: string[]): Promise<string> =>
    (await promisify(execFile)('curl', ['--silent', '--show-error', '--upload-file', ca, ...options])).stdout;
  const expected = createHash('sha256').update(bench.ca.certificate).digest('hex');
  expect(await curl('--cacert', ca, '--resolve', `${SITE}:${port}:${host}`, `https://${SITE}:${port}/`)).toBe(expected);
  // An address in the URL: no server name in the hello.
  expect(await curl('--insecure', `https://${host}:${port}/`)).toBe(expected);
});

test('the relay’s own name still ends at the relay, and nobody who means a relay gets to the web server', async () => {
  const before = visits;
  expect((await get(entry, circuitName(entry))).status).toBe(426);
  // A circuit whose exit is not there is reset.
  expect(await refusalOf(entry, `127-0-1-31.${NOBODY}.${ZONE}`)).toBe('ECONNRESET');
  for (const name of [`${NOBODY}.${ZONE}`, `a.${NOBODY}.${ZONE}`]) {
    expect(await refusalOf(entry, name)).toBe('ERR_SSL_TLSV1_UNRECOGNIZED_NAME');
  }
  expect(visits).toBe(before);
});

test('with names, those alone are passed on', async () => {
  const picky = await bench.startEntry({}, { web: { address, names: [SITE, '*.b.example.org'] } });
  const before = visits;
  expect((await get(picky, SITE, BODY)).status).toBe(200);
  for (const name of ['example.org', 'b.example.org', 'xb.example.org', 'www.example.org.evil.example']) {
    expect(await refusalOf(picky, name)).toBe('ERR_SSL_TLSV1_UNRECOGNIZED_NAME');
  }
  expect(await refusalOf(picky, '')).toMatch(/ALERT/);
  const expected = [...Array.from({ length: 4 }, () => 'not-a-circuit'), 'no-sni'];
  // The alert may be here before the line of the log is.
  await eventually(() => {
    const refused = picky.lines.filter(({ event }) => event === 'tunnel-refused');
    expect(refused.map(({ code }) => code)).toEqual(expected);
  });
  expect(visits).toBe(before + 1);
  const below = tlsConnect({ ...tunnelsPort(picky), servername: 'a.b.example.org', rejectUnauthorized: false });
  await once(below, 'secureConnect');
  below.destroy();
});

test('a web server that is down ends in an alert, a name of the site never in the log', async () => {
  const server = createServer();
  server.listen(0, WEB_HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const relay = await bench.startEntry({}, { web: { address: `${WEB_HOST}:${port}` } });
  expect(await refusalOf(relay, SITE)).toBe('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR');
  expect(await relay.event('tunnel-refused')).toMatchObject({ code: 'web-lost' });
  expect([entry, relay].map((each) => each.output()).join()).not.toContain('example');
});

test('an entry that is paid charges nobody for the site, and asks its visitors for no lease', async ({
  onTestFinished,
}) => {
  const { host, port } = { host: WEB_HOST, port: (web.address() as AddressInfo).port };
  const relays = await startPaidRelays(undefined, { web: { address: { host, port }, proxyProtocol: false } });
  onTestFinished(() => relays.close());
  const [mine, visitor] = ['127.0.3.201', '127.0.3.202'];
  const meter = createCreditMeter();
  relays.lease('a', mine, meter);
  for (const from of [mine, visitor]) {
    const client = tlsConnect({
      socket: relays.connect(from, relays.port),
      servername: SITE,
      ca: bench.ca.certificate,
    });
    client.write(`PUT / HTTP/1.1\r\nhost: ${SITE}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    expect(String((await once(client, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/);
    client.destroy();
  }
  expect(meter).toMatchObject({ up: 0, down: 0 });
});
