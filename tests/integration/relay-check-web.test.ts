// `conet-relay check` of the web server beside the tunnels: whether it answers as the relay asks it, and, of a relay that runs, whether what stands before it leads those who mean a relay to that server.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer as createHttps, type Server } from 'node:https';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, getCACertificates, setDefaultCACertificates, type SecureContext } from 'node:tls';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { check } from '../../relay/cli/check.ts';
import { createIdentity } from '../../relay/identity.ts';
import { freePort } from '../support/program.ts';
import { createRelayBench, tunnelsPort, ZONE, type RelayBench } from '../support/relay-process.ts';

const HOST = '127.0.1.48';
const SITE = 'www.example.org';
const roots = getCACertificates('default');

let bench: RelayBench;
let web: Server;
let address: string;
/** Names that the web server was asked for. */
const asked: string[] = [];

beforeAll(async () => {
  bench = await createRelayBench();
  setDefaultCACertificates([bench.ca.certificate]);
  const { key, chain } = await bench.ca.issue({ names: [SITE, '*.b.example.org'] });
  const SNICallback = (name: string, done: (error: null, context: SecureContext) => void): void => {
    asked.push(name);
    done(null, createSecureContext({ key, cert: chain }));
  };
  web = createHttps({ key, cert: chain, SNICallback });
  web.on('tlsClientError', () => undefined);
  web.listen(0, HOST);
  await once(web, 'listening');
  address = `${HOST}:${(web.address() as AddressInfo).port}`;
});
afterAll(async () => {
  setDefaultCACertificates(roots);
  await bench.clean();
  web.closeAllConnections();
  web.close();
});

async function linesOf(path: string): Promise<string[]> {
  const parts = {
    createCertificateSource: createFileCertificateSource,
    createExitProxy: () => Promise.reject(new Error()),
  };
  const found = await check(path, parts, pino({ level: 'silent' }), { offline: false, resolver: undefined });
  return found.map(({ level, line }) => `${level}: ${line}`);
}

/** Of a relay that does not run, without a public name. */
async function run(section: object, more: object = {}): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'check-web-'));
  const { key, chain } = await bench.ca.issue({ names: ['*.any.test'] });
  writeFileSync(join(folder, 'tls.key'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'tls.pem'), chain);
  await createIdentity(join(folder, 'relay.key'));
  const entry = {
    ...{ tunnels: `${HOST}:${await freePort(HOST)}`, libp2p: `${HOST}:${await freePort(HOST)}` },
    certificate: { files: { key: 'tls.key', chain: 'tls.pem' } },
    web: section,
  };
  const config = { identity: 'relay.key', operator: 'family', region: 'DE', entry, ...more };
  writeFileSync(join(folder, 'relay.yaml'), JSON.stringify(config));
  try {
    return await linesOf(join(folder, 'relay.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a web server that answers with its own certificate is nothing to speak of', async () => {
  expect(await run({ address })).toEqual([]);
  expect(await run({ address, names: [SITE] })).toEqual([]);
  expect(await run({ address, names: ['*.b.example.org'] })).toEqual([]);
  expect(asked).toEqual([SITE, 'www.b.example.org']);
});

test('one that is not there, speaks no TLS, wants or gets a header too many, has no certificate for the name', async () => {
  const gone = `${HOST}:${await freePort(HOST)}`;
  expect(await run({ address: gone })).toEqual([
    `wrong: entry.web: ${gone} does not answer (ECONNREFUSED): start the web server, or mend entry.web.address`,
  ]);
  const plain = createServer((socket) =>
    socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  ).listen(0, HOST);
  await once(plain, 'listening');
  const where = `${HOST}:${(plain.address() as AddressInfo).port}`;
  expect(await run({ address: where })).toEqual([
    expect.stringMatching(
      `^wrong: entry\\.web: ${where} answers, and not with TLS: .*set entry\\.web\\.proxyProtocol$`,
    ),
  ]);
  plain.close();
  expect(await run({ address, proxyProtocol: true })).toEqual([
    expect.stringMatching(/answers, and not with TLS: .* take entry\.web\.proxyProtocol out$/),
  ]);
  expect(await run({ address, names: ['other.example.org'] })).toEqual([
    `note: entry.web: ${address} has no certificate for other.example.org, but for DNS:${SITE}, DNS:*.b.example.org`,
  ]);
});

test('with the PROXY protocol it is asked as the relay will ask it', async () => {
  const behind = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      // Version 2, IPv4: 28 bytes; then the hello.
      const isProxied = bytes.subarray(0, 12).toString('hex') === '0d0a0d0a000d0a515549540a';
      const inner = connect((web.address() as AddressInfo).port, HOST);
      inner.on('error', () => undefined);
      inner.write(bytes.subarray(isProxied ? 28 : 0));
      socket.pipe(inner).pipe(socket);
    });
  }).listen(0, HOST);
  await once(behind, 'listening');
  const where = `${HOST}:${(behind.address() as AddressInfo).port}`;
  expect(await run({ address: where, names: [SITE], proxyProtocol: true })).toEqual([]);
  behind.close();
});

test('of a relay that runs: what stands before it may lead the names of relays to the web server', async () => {
  const zone = { zone: ZONE, addresses: [HOST] };
  // What others come to: a router of names that a test turns.
  let target: { host: string; port: number };
  const router = createServer((socket) => {
    socket.on('error', () => undefined);
    const inner = connect(target).on('error', () => undefined);
    socket.pipe(inner).pipe(socket);
  }).listen(0, HOST);
  await once(router, 'listening');
  const { port } = router.address() as AddressInfo;
  const libp2p = await freePort(HOST);
  const relay = await bench.startEntry(
    { public: { ...zone, tunnelPort: port } },
    { web: { address }, tunnels: `${HOST}:0`, libp2p: `${HOST}:${libp2p}` },
  );
  const ofNames = async () => {
    const found = await linesOf(join(bench.folder, `${relay.name}.yaml`));
    return found.filter((line) => !line.includes('DNS has no address') && !line.startsWith('note: the relay runs'));
  };
  target = tunnelsPort(relay);
  asked.length = 0;
  expect(await ofNames()).toEqual([]);
  // The visitor of the check itself asked for no name, and who asked for a relay did not get there.
  expect(asked).toEqual([]);
  target = { host: HOST, port: (web.address() as AddressInfo).port };
  const { label } = relay.identity;
  expect(await ofNames()).toEqual([
    `wrong: ${HOST}:${port}: the relay’s own name leads to another server, whose certificate is for DNS:${SITE}, DNS:*.b.example.org: let what stands before the relay pass on *.${label}.${ZONE}`,
    expect.stringMatching(`^wrong: ${HOST}:${port}: the name of a circuit leads to a server whose certificate is for`),
  ]);
  router.close();
});
