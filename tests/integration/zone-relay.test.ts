// Whole daemons: a relay with the role `zone`, and an entry and an exit that get their certificates through it from pebble, each in its own process. Then a client looks the exit up in the zone,
// goes through the entry, and is shown the exit's certificate.

import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIdentity, type Identity } from '../../relay/identity.ts';
import { createTestCa, type TestCa } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { tunnel } from '../support/exit-proxy.ts';
import { startPebble, type Pebble } from '../support/pebble.ts';
import { freePort, runProgram, startProgram, type Program } from '../support/program.ts';
import { testClient } from '../support/zone-broker.ts';

const HOST = '127.0.5.6';
const ORIGIN = '127.0.2.36';
const RESOLVER = '127.0.5.66';
const DOMAIN = 'zone.test';

let folder: string;
let ca: TestCa;
let pebble: Pebble;
let ports: Record<'dns' | 'registration' | 'libp2p' | 'tunnels' | 'dialBack', number>;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conet-zone-'));
  closers.push(() => rm(folder, { recursive: true }));
  ca = await createTestCa();
  await writeFile(join(folder, 'ca.pem'), ca.certificate);
  const leaf = await ca.issue({ names: ['localhost'] });
  await writeFile(join(folder, 'broker.pem'), leaf.chain);
  await writeFile(join(folder, 'broker.key'), leaf.key, { mode: 0o600 });
  ports = {
    dns: await freePort(HOST),
    registration: await freePort('127.0.0.1'),
    libp2p: await freePort(HOST),
    tunnels: await freePort(HOST),
    dialBack: await freePort(HOST),
  };
  pebble = await startPebble({ host: '127.0.0.1', dns: `${HOST}:${ports.dns}`, ca });
  closers.push(() => pebble.stop());
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function startRelay(name: string, identity: Identity, roles: object): Promise<Program> {
  const path = join(folder, `${name}.yaml`);
  await writeFile(path, JSON.stringify({ identity: `${name}.key`, operator: name, region: 'DE', ...roles }));
  const main = resolve(import.meta.dirname, '../../relay/main.ts');
  const env = { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), TMPDIR: folder };
  const program = await startProgram(process.execPath, [main, '--config', path], /relay-ready/, env);
  closers.push(() => program.stop());
  expect(program.output()).toContain(identity.label);
  return program;
}

const create = (name: string): Promise<Identity> => createIdentity(join(folder, `${name}.key`));
const autotls = (name: string, more: object) => ({
  autotls: {
    state: name,
    zones: [
      {
        domain: DOMAIN,
        registration: `https://localhost:${ports.registration}`,
        acme: `https://localhost:${pebble.port}/dir`,
      },
    ],
    ...more,
  },
});

test('an entry and an exit get their certificates through a zone, and a client through both', async () => {
  const zone = await startRelay('zone', await create('zone'), {
    zone: {
      domain: DOMAIN,
      nameServers: [`ns1.${DOMAIN}`],
      mailbox: `hostmaster@${DOMAIN}`,
      hosts: { ns1: [HOST] },
      dns: [`${HOST}:${ports.dns}`],
      registration: {
        name: 'localhost',
        listen: `127.0.0.1:${ports.registration}`,
        certificate: { files: { key: 'broker.key', chain: 'broker.pem' } },
      },
      allow: ['127.0.5.0/24'],
    },
  });

  const entryIdentity = await create('entry');
  const begun = performance.now();
  const entry = await startRelay('entry', entryIdentity, {
    entry: {
      tunnels: `${HOST}:${ports.tunnels}`,
      libp2p: `${HOST}:${ports.libp2p}`,
      certificate: autotls('entry-tls', { announce: [`/ip4/${HOST}/tcp/${ports.libp2p}`] }),
    },
  });
  const root = await pebble.root(testClient(ca, '127.0.0.1'));
  const own = connectTls({
    ...{ host: HOST, port: ports.tunnels, ca: root },
    servername: `127-0-5-6.${entryIdentity.label}.${DOMAIN}`,
  });
  await once(own, 'secureConnect');
  console.log(
    `a relay's process from its start to a certificate in use, pebble: ${((performance.now() - begun) / 1000).toFixed(2)} s`,
  );
  own.destroy();

  const exitIdentity = await create('exit');
  const exit = await startRelay('exit', exitIdentity, {
    exit: {
      entries: [`/ip4/${HOST}/tcp/${ports.libp2p}/p2p/${entryIdentity.peerId.toString()}`],
      certificate: autotls('exit-tls', {
        listen: `${HOST}:${ports.dialBack}`,
        announce: [`/ip4/${HOST}/tcp/${ports.dialBack}`],
      }),
      destinations: { allow: [`${ORIGIN}/32`] },
    },
  });
  // Open for the broker alone.
  await expect(once(connectTcp({ host: HOST, port: ports.dialBack }), 'connect')).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });

  const name = `127-0-5-6.${exitIdentity.label}.${DOMAIN}`;
  const looked = await runProgram('dig', [
    `@${HOST}`,
    '-p',
    String(ports.dns),
    '-b',
    RESOLVER,
    '+short',
    '+subnet=198.51.100.0/24',
    name,
  ]);
  expect(looked).toBe(`${HOST}\n`);

  const hidden = `10-0-0-1.${exitIdentity.label}.${DOMAIN}`;
  expect(await runProgram('dig', [`@${HOST}`, '-p', String(ports.dns), hidden])).toContain('status: NXDOMAIN');

  const origin = createServer((socket) => void socket.on('error', () => undefined).end('hello from the origin'));
  origin.listen(0, ORIGIN);
  await once(origin, 'listening');
  closers.push(() => origin.close());
  await eventually(() => expect(entry.output()).toContain('entry-exit-connected'));
  const socket = connectTls({
    host: looked.trim(),
    port: ports.tunnels,
    servername: name,
    ca: root,
    ALPNProtocols: ['h2'],
  });
  await once(socket, 'secureConnect');
  const session = connectHttp2(`https://${name}`, { createConnection: () => socket });
  const stream = await tunnel(session, `${ORIGIN}:${(origin.address() as { port: number }).port}`);
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  expect(text).toBe('hello from the origin');
  session.destroy();

  // Which resolver asks, and for whom, is in no log.
  expect(zone.output()).not.toMatch(/127\.0\.5\.66|198\.51\.100/);
  for (const program of [zone, entry, exit]) expect(program.output()).not.toContain('PRIVATE KEY');
});
