// `conet-relay check` of a relay that gets its certificates itself, with a real zone and pebble: what it says of broker, authority and the certificates that are there, and that it asks for none.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { privateKeyToProtobuf } from '@libp2p/crypto/keys';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { checkAutotls } from '../../relay/check/autotls.ts';
import { check } from '../../relay/cli/check.ts';
import { serveStatus } from '../../relay/status/serve-status.ts';
import { offerWindow } from '../support/acme-window.ts';
import { createAutotlsBench, type AutotlsBench, type BenchZone } from '../support/autotls-bench.ts';
import { startFront } from '../support/https-front.ts';
import { freePort } from '../support/program.ts';

/** As `localhost` is found: brokers and authorities are asked by name. */
const HOST = '127.0.0.1';
const RELAY = '127.0.1.47';
const ZONE = 'one.test';
const DAY_MS = 86_400_000;
const roots = getCACertificates('default');

let bench: AutotlsBench;
let one: BenchZone;
let folder: string;
let libp2p: number;
beforeAll(async () => {
  bench = await createAutotlsBench(HOST, [ZONE], { brokerName: 'localhost' });
  [one] = bench.zones as [BenchZone];
  folder = mkdtempSync(join(tmpdir(), 'check-autotls-'));
  const key = Buffer.from(privateKeyToProtobuf(bench.privateKey)).toString('base64');
  writeFileSync(join(folder, 'relay.key'), key, { mode: 0o600 });
  libp2p = await freePort(RELAY);
  setDefaultCACertificates([bench.ca.certificate, await one.pebble.root(bench.client)]);
});
afterEach(() => {
  vi.useRealTimers();
  one.authority.down = one.broker.down = false;
  one.authority.answer = one.broker.answer = undefined;
  one.authority.changeAnswer = (_, answer) => answer;
});
afterAll(async () => {
  setDefaultCACertificates(roots);
  await bench.close();
  rmSync(folder, { recursive: true });
});

const zoneConfig = (more: object = {}) => ({
  domain: ZONE,
  registration: `https://localhost:${one.broker.port}`,
  acme: `https://localhost:${one.authority.port}/dir`,
  ...more,
});

/** The lines, wrong ones first. */
async function run({
  zone = {},
  state = 'none',
  announce = libp2p,
  publicZone = ZONE,
  offline = false,
}: {
  zone?: object;
  state?: string;
  announce?: number;
  publicZone?: string;
  offline?: boolean;
} = {}): Promise<string[]> {
  const config = {
    ...{ identity: 'relay.key', operator: 'family', region: 'DE' },
    public: { addresses: [RELAY], zone: publicZone },
    entry: {
      tunnels: `${RELAY}:${await freePort(RELAY)}`,
      libp2p: `${RELAY}:${libp2p}`,
      certificate: { autotls: { state, announce: [`/ip4/${RELAY}/tcp/${announce}`], zones: [zoneConfig(zone)] } },
    },
  };
  const path = join(folder, 'relay.yaml');
  writeFileSync(path, JSON.stringify(config));
  const parts = {
    createCertificateSource: createFileCertificateSource,
    createExitProxy: () => Promise.reject(new Error()),
  };
  const found = await check(path, parts, pino({ level: 'silent' }), { offline, resolver: one.zone.dns });
  return found
    .map(({ level, line }) => `${level}: ${line}`)
    .toSorted()
    .toReversed();
}

const name = (): string => `*.${bench.label}.${ZONE}`;
const authority = () => `note: ${ZONE}: certificates come from localhost:${one.authority.port}`;
const none = () => `note: there is no certificate for ${name()} yet: the relay gets it at its first start`;

test('with none yet it says who will give one; no order, account or file is made', async () => {
  one.authority.requests.length = 0;
  expect(await run()).toEqual([none(), authority()]);
  expect(one.authority.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /dir']);
  expect(one.broker.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v1/health']);
  expect(readdirSync(folder).sort()).toEqual(['relay.key', 'relay.yaml']);
});

test('who the authority is, by what it says of itself', async () => {
  const withMeta = (meta: object) => {
    one.authority.changeAnswer = ({ path }, answer) =>
      path === '/dir' ? { ...answer, body: JSON.stringify({ ...(JSON.parse(answer.body) as object), meta }) } : answer;
  };
  withMeta({ caaIdentities: ['ca.example'], termsOfService: 'https://ca.example/terms\u001b[2J' });
  expect(await run()).toContain(`${authority()} (ca.example); its terms: https://ca.example/terms[2J`);
  // What is said wrongly is in nobody's way.
  withMeta({ caaIdentities: 'ca.example' });
  expect(await run()).toEqual([none(), authority()]);
  withMeta({ externalAccountRequired: true });
  expect(await run()).toEqual([
    expect.stringMatching(/^wrong: one\.test: localhost:\d+ wants an account .*EAB/),
    none(),
  ]);
});

test('an authority that is for tests gives what no browser takes', async () => {
  const staging = 'acme-staging.test';
  const front = await startFront(HOST, one.pebble, await bench.ca.issue({ names: [staging] }));
  const config = {
    ...{ state: join(folder, 'none'), announce: [], ctLogs: [] },
    zones: [{ ...one.config, acme: `https://${staging}:${front.port}/dir` }],
  };
  const init = { config, label: bench.label, client: bench.client, runs: false, now: Date.now };
  expect(await checkAutotls(init, AbortSignal.timeout(5000))).toContainEqual({
    level: 'wrong',
    line: `${ZONE}: ${staging}:${front.port} is for tests, and browsers take none of its certificates: take another \`acme\``,
  });
  await front.close();
});

test('a broker or an authority that is gone, or is none', async () => {
  one.broker.down = true;
  one.authority.down = true;
  expect(await run()).toEqual([
    expect.stringMatching(/^wrong: one\.test: the authority localhost:\d+ cannot be reached \(\w+\): is `acme`/),
    expect.stringMatching(
      /^wrong: one\.test: its broker localhost:\d+ cannot be reached \(\w+\): is `registration` right/,
    ),
    none(),
  ]);
  one.broker.down = one.authority.down = false;
  one.broker.answer = () => ({ status: 404, headers: {}, body: '' });
  one.authority.answer = () => ({ status: 200, headers: {}, body: '{}' });
  expect(await run()).toEqual([
    expect.stringMatching(/^wrong: one\.test: the authority .* does not answer as an ACME server.*: is `acme`/),
    expect.stringMatching(/^wrong: one\.test: localhost:\d+ answers 404 to \/v1\/health: is `registration`/),
    none(),
  ]);
  one.authority.answer = undefined;
  one.authority.changeAnswer = (_, answer) => ({
    ...answer,
    headers: { ...answer.headers, date: new Date(Date.now() + 3_600_000).toUTCString() },
  });
  one.broker.answer = undefined;
  expect(await run()).toEqual([
    expect.stringMatching(/^wrong: .*clock is 60 minutes behind that of localhost/),
    none(),
  ]);
});

test('a place for brokers that leads nowhere, and a name that no zone of the list has', async () => {
  expect(await run({ announce: 1 })).toEqual([
    expect.stringMatching(`^wrong: ${RELAY}:1: cannot be reached from this machine`),
    none(),
    authority(),
  ]);
  expect(await run({ publicZone: 'other.test' })).toEqual([
    'wrong: public.zone: none of certificate.autotls.zones is other.test, so its name has no certificate',
    expect.stringMatching(/^wrong: .*other\.test: DNS has no address/),
    none(),
    authority(),
  ]);
});

test('a certificate that is there: its name, until when, and when it is renewed', async () => {
  const { running, state } = bench.start({ state: join(folder, 'tls') });
  const { source } = await running;
  source.close();
  const until = new Date(source.current().notAfter);
  const line = `the certificate for ${name()} is valid until ${until.toISOString().slice(0, 10)}, and`;
  const before = one.authority.requests.filter(({ method }) => method === 'POST').length;
  expect(await run({ state: 'tls' })).toEqual([expect.stringContaining(`note: ${line} is renewed by 20`), authority()]);
  // By the authority's own window, where it has one: it may want one back long before its time.
  const soon = Date.now() + 3 * DAY_MS;
  offerWindow(one.authority, { start: soon - DAY_MS, end: soon }, 'localhost');
  expect(await run({ state: 'tls' })).toContain(
    `note: ${line} is renewed by ${new Date(soon).toISOString().slice(0, 10)}`,
  );
  one.authority.changeAnswer = (_, answer) => answer;
  expect(one.authority.requests.filter(({ method }) => method === 'POST')).toHaveLength(before);

  // Offline its age alone is known.
  const asked = one.authority.requests.length + one.broker.requests.length;
  expect(await run({ state: 'tls', offline: true })).toEqual([expect.stringContaining(`note: ${line} is renewed by`)]);
  expect(one.authority.requests.length + one.broker.requests.length).toBe(asked);

  // From an authority that no browser knows, of another relay, or cut: each is told.
  setDefaultCACertificates([bench.ca.certificate]);
  expect(await run({ state: 'tls' })).toContainEqual(
    expect.stringMatching(/^wrong: .*an authority that browsers do not trust/),
  );
  setDefaultCACertificates([bench.ca.certificate, await one.pebble.root(bench.client)]);
  const file = join(state, `${ZONE}.pem`);
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.slice(0, -100));
  expect(await run({ state: 'tls' })).toContainEqual(
    expect.stringMatching(/^wrong: .*is not a list of PEM certificates.*; the relay gets a new one when it runs$/),
  );
  writeFileSync(file, whole);
  // Pebble's certificates live for five years, of which the last third is for finding out why there is no new one.
  vi.useFakeTimers({ toFake: ['Date'], now: until.getTime() - 365 * DAY_MS });
  expect(await run({ state: 'tls', offline: true })).toEqual([
    expect.stringMatching(/^wrong: .* and was to be renewed on 20\d\d-\d\d-\d\d: the relay does so when it runs$/),
  ]);
  vi.setSystemTime(until.getTime() + DAY_MS);
  expect(await run({ state: 'tls', offline: true })).toEqual([
    expect.stringMatching(/^wrong: .* expired on .*; the relay gets a new one when it runs$/),
  ]);
});

test('of a relay that runs, a certificate that it still has not is a fault', async () => {
  const close = await serveStatus(join(folder, 'relay.key.sock'), pino({ level: 'silent' }), () => ({
    ...{ version: '0', peer: bench.label, since: 0 },
  }));
  const node = createServer().listen(libp2p, RELAY);
  expect((await run()).filter((line) => line.includes('certificate'))).toEqual([
    `wrong: there is no certificate for ${name()} yet, though the relay runs: its log says why (certificate-trouble)`,
    authority(),
  ]);
  node.close();
  await close();
  expect(existsSync(join(folder, 'none'))).toBe(false);
});
