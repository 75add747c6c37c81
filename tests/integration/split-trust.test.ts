// Invariant I3: the entry's memory, log and wire hold no destination; the exit's hold no client address. Two real relays carry a real
// page load; then everything they have is searched. Each search is also done where the text must be found, so that it cannot pass by
// being blind.

import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { request as requestHttp } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIdentity, type Identity } from '../../relay/identity.ts';
import { formatCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { createTestCa, type Leaf, type TestCa } from '../support/certificates.ts';
import { startDns, type TestDns } from '../support/exit-dns.ts';
import { startHttpOrigin, type Origin } from '../support/exit-origin.ts';
import { countInMemory, occurrences } from '../support/process-memory.ts';
import { startWireRecorder, type WireRecorder } from '../support/wire-recorder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ENTRY_ADDRESS = '127.0.1.61';
const ORIGIN_ADDRESS = '127.0.2.61';
/** Nothing else on the machine has it, so that what is found is the client's. */
const CLIENT_ADDRESS = '127.77.61.93';
/** A name that exists nowhere but in this run. */
const DESTINATION = `split-trust-${randomBytes(8).toString('hex')}.example.test`;
/** In the path and the page: what an entry must not be able to read either. */
const PAGE_SECRET = `page-${randomBytes(8).toString('hex')}`;

type Relay = { identity: Identity; pid: number; log: () => string; snapshot: () => Promise<Buffer> };

const folder = mkdtempSync(join(tmpdir(), 'split-trust-'));
const children: ChildProcess[] = [];
const stops: (() => Promise<void>)[] = [];
let ca: TestCa;
let dns: TestDns;
let entry: Relay;
let exit: Relay;
let browserSide: WireRecorder;
let linkSide: WireRecorder;
/** Both stay open while the relays are searched. */
const open: TLSSocket[] = [];

beforeAll(async () => {
  ca = await createTestCa();
  dns = await startDns(({ name }) => (name === DESTINATION ? [ORIGIN_ADDRESS] : 'NXDOMAIN'));
  stops.push(() => dns.stop());
  const identities = {
    entry: await createIdentity(join(folder, 'entry.key')),
    exit: await createIdentity(join(folder, 'exit.key')),
  };
  for (const [name, { label }] of Object.entries(identities)) {
    writeLeaf(name, await ca.issue({ names: [`*.${label}.zone.test`] }));
  }

  entry = await startRelay('entry', identities.entry, {
    entry: { tunnels: `${ENTRY_ADDRESS}:0`, libp2p: `${ENTRY_ADDRESS}:0`, certificate: certificateOf('entry') },
  });
  const ready = readyLine(entry);
  browserSide = await startWireRecorder('127.0.0.1', hostPort(ready['tunnels'] as string), CLIENT_ADDRESS);
  const link = (ready['libp2p'] as string[])[0] ?? '';
  const linkPort = Number(/\/tcp\/(\d+)/.exec(link)?.[1]);
  linkSide = await startWireRecorder(ENTRY_ADDRESS, { host: ENTRY_ADDRESS, port: linkPort });
  stops.push(
    () => browserSide.stop(),
    () => linkSide.stop(),
  );
  exit = await startRelay('exit', identities.exit, {
    exit: {
      entries: [link.replace(`/tcp/${linkPort}`, `/tcp/${linkSide.port}`)],
      certificate: certificateOf('exit'),
      resolvers: [dns.server],
      destinations: { allow: ['127.0.2.0/24'] },
    },
  });
  await until(() => entry.log().includes('entry-exit-connected'));
  await loadPage(identities.exit.label);
}, 60_000);

afterAll(async () => {
  for (const socket of open) socket.destroy();
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(stops.map((stop) => stop()));
  rmSync(folder, { recursive: true, force: true });
});

describe('the entry', () => {
  test('holds no destination in its memory, and holds the client', () => {
    expect(countInMemory(entry.pid, CLIENT_ADDRESS), 'control: the search finds the client').toBeGreaterThan(0);
    expect(countInMemory(entry.pid, DESTINATION)).toBe(0);
    expect(countInMemory(entry.pid, PAGE_SECRET)).toBe(0);
  });

  test('holds no destination in its heap snapshot', async () => {
    const snapshot = await entry.snapshot();
    expect(occurrences(snapshot, entry.identity.label), 'control: the search finds its own name').toBeGreaterThan(0);
    expect(occurrences(snapshot, DESTINATION)).toBe(0);
    expect(occurrences(snapshot, PAGE_SECRET)).toBe(0);
  });

  test('logs neither a destination nor the client', () => {
    expect(entry.log(), 'control: it logs').toContain('relay-ready');
    expect(entry.log()).not.toContain(DESTINATION);
    expect(entry.log()).not.toContain(CLIENT_ADDRESS);
  });

  test('sees the name of the exit on the wire, and no destination', () => {
    expect(
      occurrences(browserSide.bytes(), exit.identity.label),
      'control: the circuit name is in clear',
    ).toBeGreaterThan(0);
    expect(occurrences(browserSide.bytes(), DESTINATION)).toBe(0);
    expect(occurrences(browserSide.bytes(), PAGE_SECRET)).toBe(0);
  });
});

describe('the exit', () => {
  test('holds no client address in its memory, and holds the destination', () => {
    expect(countInMemory(exit.pid, DESTINATION), 'control: the search finds the destination').toBeGreaterThan(0);
    expect(countInMemory(exit.pid, CLIENT_ADDRESS)).toBe(0);
  });

  test('holds no client address in its heap snapshot', async () => {
    const snapshot = await exit.snapshot();
    expect(occurrences(snapshot, exit.identity.label), 'control: the search finds its own name').toBeGreaterThan(0);
    expect(occurrences(snapshot, CLIENT_ADDRESS)).toBe(0);
  });

  test('logs neither a client address nor a destination', () => {
    expect(exit.log(), 'control: it logs').toContain('relay-ready');
    expect(exit.log()).not.toContain(CLIENT_ADDRESS);
    expect(exit.log()).not.toContain(DESTINATION);
  });

  test('is sent no client address over the link, in clear or as a number', () => {
    expect(occurrences(linkSide.bytes(), '/multistream/'), 'control: the link was recorded').toBeGreaterThan(0);
    expect(occurrences(linkSide.bytes(), CLIENT_ADDRESS)).toBe(0);
    expect(occurrences(linkSide.bytes(), DESTINATION)).toBe(0);
  });
});

/** As a browser does: TLS to the exit by the circuit's name, a plain request, and a tunnel that stays open with TLS to the site in it. */
async function loadPage(exitLabel: string): Promise<void> {
  const plain = await startHttpOrigin((_request, response) => response.end(PAGE_SECRET), { address: ORIGIN_ADDRESS });
  const leaf = await ca.issue({ names: [DESTINATION] });
  const site = createHttpsServer({ cert: leaf.chain, key: leaf.key }, (_request, response) =>
    response.end(PAGE_SECRET),
  );
  site.listen(0, ORIGIN_ADDRESS);
  await once(site, 'listening');
  const sitePort = (site.address() as { port: number }).port;
  stops.push(
    () => plain.stop(),
    async () => {
      site.close();
      site.closeAllConnections();
    },
  );

  const name = formatCircuitName({ address: ENTRY_ADDRESS, peer: exitLabel, zone: 'zone.test' });
  const dial = async (): Promise<TLSSocket> => {
    const socket = connectTls({ host: '127.0.0.1', port: browserSide.port, servername: name, ca: ca.certificate });
    await once(socket, 'secureConnect');
    open.push(socket);
    return socket;
  };
  expect(await plainRequest(await dial(), plain)).toBe(PAGE_SECRET);

  const carrier = await dial();
  carrier.write(`CONNECT ${DESTINATION}:${sitePort} HTTP/1.1\r\nhost: ${DESTINATION}:${sitePort}\r\n\r\n`);
  const [answer] = (await once(carrier, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200/);
  const tunnel = connectTls({ socket: carrier, servername: DESTINATION, ca: ca.certificate });
  await once(tunnel, 'secureConnect');
  tunnel.write(`GET /${PAGE_SECRET} HTTP/1.1\r\nhost: ${DESTINATION}\r\n\r\n`);
  open.push(tunnel);
  let page = '';
  while (!page.includes(PAGE_SECRET)) page += String((await once(tunnel, 'data'))[0]);
}

async function plainRequest(socket: TLSSocket, { port }: Origin): Promise<string> {
  const path = `http://${DESTINATION}:${port}/${PAGE_SECRET}`;
  const request = requestHttp({ createConnection: () => socket, path, headers: { host: `${DESTINATION}:${port}` } });
  request.end();
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
  let body = '';
  for await (const chunk of response) body += chunk.toString();
  return body;
}

async function startRelay(name: string, identity: Identity, roles: object): Promise<Relay> {
  const config = join(folder, `${name}.yaml`);
  const identityFile = join(folder, `${name}.key`);
  writeFileSync(
    config,
    JSON.stringify({ identity: identityFile, operator: name, region: 'DE', log: { level: 'debug' }, ...roles }),
  );
  const words = [
    '--heapsnapshot-signal=SIGUSR2',
    `--diagnostic-dir=${folder}`,
    join(ROOT, 'relay/main.ts'),
    '--config',
    config,
  ];
  const child = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let log = '';
  createInterface({ input: child.stdout }).on('line', (line) => (log += `${line}\n`));
  await until(() => log.includes('"relay-ready"') || child.exitCode !== null);
  expect(child.exitCode, log).toBeNull();
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start`);
  return { identity, pid, log: () => log, snapshot: () => takeSnapshot(child, pid) };
}

/** V8 writes the snapshot while the process stands still; the file is whole when its last bracket is there. */
async function takeSnapshot(child: ChildProcess, pid: number): Promise<Buffer> {
  child.kill('SIGUSR2');
  const file = (): string | undefined =>
    readdirSync(folder).find((entryName) => entryName.endsWith('.heapsnapshot') && entryName.includes(`.${pid}.`));
  let bytes = Buffer.alloc(0);
  await until(() => {
    const found = file();
    if (found !== undefined) bytes = readFileSync(join(folder, found));
    return bytes.length > 0 && bytes.subarray(-16).toString().trimEnd().endsWith('}');
  });
  return bytes;
}

function readyLine(relay: Relay): Record<string, unknown> {
  const line =
    relay
      .log()
      .split('\n')
      .find((text) => text.includes('"relay-ready"')) ?? '{}';
  return JSON.parse(line) as Record<string, unknown>;
}

function certificateOf(name: string): object {
  return { files: { key: join(folder, `${name}-key.pem`), chain: join(folder, `${name}-chain.pem`) } };
}

function writeLeaf(name: string, { chain, key }: Leaf): void {
  writeFileSync(join(folder, `${name}-chain.pem`), chain);
  writeFileSync(join(folder, `${name}-key.pem`), key, { mode: 0o600 });
}

function hostPort(text: string): { host: string; port: number } {
  const [host = '', port] = text.split(':');
  return { host, port: Number(port) };
}

/** Polls what another process writes; there is no event of ours to await. The test's own time limit bounds it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((next) => setTimeout(next, 20));
}
