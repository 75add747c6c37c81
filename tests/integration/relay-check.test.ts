// `conet-relay check` of a relay on this machine with a real name server and a real chain: nothing to say where all is well, and one line with what to do for each thing that is
// not.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import { startNameServer, type NameServer } from '../../devnet/zone-dns.ts';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { checkDisk } from '../../relay/check/disk.ts';
import { runChecks } from '../../relay/check/finding.ts';
import { check } from '../../relay/cli/check.ts';
import { join as joinRegistry } from '../../relay/cli/join.ts';
import { loadConfig } from '../../relay/config/load.ts';
import { createIdentity, type Identity } from '../../relay/identity.ts';
import { createPaymentKey } from '../../relay/payment-key.ts';
import { serveStatus } from '../../relay/status/serve-status.ts';
import { createTestCa, type TestCa } from '../support/certificates.ts';
import { startChainProxy } from '../support/chain-proxy.ts';

const HOST = '127.0.1.43';
const DNS = { address: '127.0.1.44', port: 7953 };
const ZONE = 'relays.test';
const CERTIFICATE = { files: { key: 'tls.key', chain: 'tls.pem' } };
const DAY_MS = 86_400_000;
const roots = getCACertificates('default');

let folder: string;
let lifeline: Lifeline;
let chain: Chain;
let names: NameServer;
let ca: TestCa;
let identity: Identity;
let account: `0x${string}`;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
  lifeline = createLifeline();
  chain = await startChain({ lifeline, folder, blockTimeS: 1 });
  names = await startNameServer({ data: { zones: [ZONE], sites: { domain: 'demo.test', hosts: new Map() } }, ...DNS });
  ca = await createTestCa();
  setDefaultCACertificates([ca.certificate]);
  identity = await createIdentity(join(folder, 'relay.key'));
  ({ address: account } = await createPaymentKey(join(folder, 'payment.key')));
  await chain.addGas(account, 10n ** 18n);
  await chain.mint(account, 10_000_000n);
  await certificate();
});
afterAll(async () => {
  setDefaultCACertificates(roots);
  await names.close();
  await chain.close();
  await lifeline.close();
  rmSync(folder, { recursive: true, force: true });
});

async function certificate({ by = ca, name = `*.${identity.label}.${ZONE}`, days = 30 } = {}): Promise<void> {
  const { key, chain: pem } = await by.issue({ names: [name], notAfter: new Date(Date.now() + days * DAY_MS) });
  writeFileSync(join(folder, 'tls.key'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'tls.pem'), pem);
}

/** The lines, wrong ones first. */
async function run(more: object = {}, options: { offline?: boolean; resolver?: string } = {}): Promise<string[]> {
  const config = {
    ...{ identity: 'relay.key', operator: 'family', region: 'DE' },
    public: { addresses: [HOST], zone: ZONE },
    payments: { network: 'devnet', rpc: [chain.url], key: 'payment.key', ledger: 'ledger.db' },
    entry: { tunnels: `${HOST}:8443`, libp2p: `${HOST}:8401`, certificate: CERTIFICATE },
    ...more,
  };
  const path = join(folder, 'relay.yaml');
  writeFileSync(path, JSON.stringify(config));
  const parts = {
    createCertificateSource: createFileCertificateSource,
    createExitProxy: () => Promise.reject(new Error()),
  };
  const found = await check(path, parts, pino({ level: 'silent' }), {
    offline: false,
    resolver: `${DNS.address}:${DNS.port}`,
    ...options,
  });
  return found
    .map(({ level, line }) => `${level}: ${line}`)
    .toSorted()
    .toReversed();
}

const NOT_LISTED = 'note: the relay is not in the registry: conet-relay join';
const payments = (more: object): object => ({
  payments: { network: 'devnet', rpc: [chain.url], key: 'payment.key', ledger: 'ledger.db', ...more },
});

test('where all is well there is nothing to say but that it may join', async () => {
  expect(await run()).toEqual([NOT_LISTED]);
  expect(names.queries.some(({ name }) => name === `127-0-1-43.${identity.label}.${ZONE}`)).toBe(true);
});

test('a name that leads nowhere, or that nobody is there to ask for', async () => {
  const public_ = { addresses: [HOST], zone: 'other.test' };
  const name = `127-0-1-43.${identity.label}`;
  await certificate({ name: `*.${identity.label}.other.test` });
  expect(await run({ public: public_ })).toEqual([
    expect.stringMatching(`^wrong: ${name}.other.test: DNS has no address for it \\(E\\w+\\); is other.test delegated`),
    NOT_LISTED,
  ]);
  await certificate();
  expect(await run({}, { resolver: '127.0.1.45:7953' })).toEqual([
    expect.stringMatching(`^wrong: ${name}.${ZONE}: DNS has no address for it`),
    NOT_LISTED,
  ]);
});

test('ports that lead to nobody, and to somebody else', async () => {
  expect(await run({ public: { addresses: [HOST], zone: ZONE, libp2pPort: 1 } })).toEqual([
    `wrong: ${HOST}:1: cannot be reached from this machine: open it in the firewall, or forward it (some routers refuse it from inside)`,
    NOT_LISTED,
  ]);
  const other = createServer((socket) => socket.end('I am another')).listen(0, HOST);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(await run({ public: { addresses: [HOST], zone: ZONE, tunnelPort: port } })).toEqual([
    `wrong: ${HOST}:${port}: another program answers there: is it this machine’s address?`,
    NOT_LISTED,
  ]);
  other.close();
});

test('of several addresses each must be free, and one of them is what a public address leads to', async () => {
  const two = { tunnels: ['[::1]:8443', `${HOST}:8443`], libp2p: [`${HOST}:8401`, '[::1]:8401'] };
  expect(await run({ entry: { ...two, certificate: CERTIFICATE } })).toEqual([NOT_LISTED]);
  const leased = { ...payments({ leasePorts: [8444, 8445] }), entry: { ...two, certificate: CERTIFICATE } };
  expect(await run(leased)).toEqual([NOT_LISTED]);
  // IPv6 alone is in use: libp2p would not notice.
  const other = createServer().listen(8401, '::1');
  const leases = createServer().listen(8445, HOST);
  await Promise.all([once(other, 'listening'), once(leases, 'listening')]);
  expect(await run(leased)).toEqual([
    'wrong: [::1]:8401 is in use by another program',
    `wrong: ${HOST}:8445 is in use by another program`,
    NOT_LISTED,
  ]);
  other.close();
  leases.close();
  // Behind a NAT that has other ports: a client is told the entry's own for its tunnels.
  const nat = createServer((socket) => socket.end()).listen(0, HOST);
  await once(nat, 'listening');
  const { port } = nat.address() as AddressInfo;
  const reached = { addresses: ['127.0.1.49'], zone: ZONE, tunnelPort: port };
  expect(await run({ ...leased, public: reached })).toEqual(
    expect.arrayContaining(
      [8443, 8444, 8445].map((each) => expect.stringContaining(`127.0.1.49:${each}: cannot be`) as unknown),
    ),
  );
  nat.close();
});

test('a certificate of another name, of the past soon, of an authority that nobody knows', async () => {
  await certificate({ name: '*.example.com' });
  expect(await run()).toEqual([
    `wrong: the certificate is not for *.${identity.label}.${ZONE}, but for DNS:*.example.com`,
    NOT_LISTED,
  ]);
  await certificate({ days: 3.5 });
  expect(await run()).toEqual(['wrong: the certificate is valid for 3 more days: renew it', NOT_LISTED]);
  await certificate({ by: await createTestCa('nobody') });
  expect(await run()).toEqual([expect.stringMatching(/^wrong: .*an authority that browsers do not trust/), NOT_LISTED]);
  // A chain in the wrong order, or with another one's intermediate.
  const [one, other] = [await ca.issue({ names: [`*.${identity.label}.${ZONE}`] }), await createTestCa('nobody')];
  const leaf = one.chain.slice(0, one.chain.indexOf('-----END') + 25);
  writeFileSync(join(folder, 'tls.key'), one.key);
  writeFileSync(join(folder, 'tls.pem'), `${leaf}\n${other.certificate}\n`);
  expect(await run()).toEqual([expect.stringMatching(/number 2 of the file did not issue number 1$/), NOT_LISTED]);
  await certificate();
});

test('servers of the chain that are gone or another chain’s, a clock that is off, an account without gas', async () => {
  const gone = 'http://127.0.1.43:1';
  const elsewhere = await startChainProxy(chain.url, async ({ method }, honest) =>
    method === 'eth_chainId' ? '0x1' : honest(),
  );
  const late = await startChainProxy(chain.url, async (_, honest, response) => {
    response.setHeader('date', new Date(Date.now() + 300_000).toUTCString());
    return honest();
  });
  expect(await run(payments({ rpc: [gone, elsewhere.url, late.url] }))).toEqual([
    expect.stringMatching(/^wrong: the clock is (299|300) s behind server 3 of payments\.rpc: let NTP set it/),
    expect.stringMatching(
      /^wrong: server 2 of payments\.rpc: wrong_chain: .* has the chain id 31337, and this server says 1$/,
    ),
    expect.stringMatching(/^wrong: server 1 of payments\.rpc: unreachable/),
    NOT_LISTED,
  ]);
  await Promise.all([elsewhere.close(), late.close()]);

  const poor = await createPaymentKey(join(folder, 'poor.key'));
  expect(await run(payments({ key: 'poor.key' }))).toEqual([
    expect.stringMatching(
      new RegExp(`^wrong: ${poor.address} has 0\\.000000 ETH for gas: send it 0\\.\\d{6} more on this`),
    ),
    NOT_LISTED,
  ]);
});

test('what the registry has of it', async () => {
  await run({
    entry: undefined,
    exit: {
      entries: [`/ip4/${HOST}/tcp/1/p2p/${identity.peerId.toString()}`],
      certificate: CERTIFICATE,
    },
  });
  await joinRegistry(await loadConfig(join(folder, 'relay.yaml')), { step: 'register', yes: true });
  // As an exit it is there without addresses, and as an entry it would have some.
  expect(await run()).toEqual([
    'wrong: the registry has other addresses than the configuration: conet-relay join --update',
  ]);
  await joinRegistry(await loadConfig(join(folder, 'relay.yaml')), { step: 'update', yes: true });
  expect(await run()).toEqual([]);
  await joinRegistry(await loadConfig(join(folder, 'relay.yaml')), { step: 'leave', yes: true });
  expect(await run()).toEqual([expect.stringMatching(/^note: the relay leaves the registry at 20.*--stay/)]);
});

test('offline nobody is asked; of a relay that runs the ports are dialled', async () => {
  const before = names.queries.length;
  expect(await run(payments({ rpc: ['http://127.0.1.43:1'] }), { offline: true })).toEqual([]);
  expect(names.queries).toHaveLength(before);

  const close = await serveStatus(join(folder, 'ledger.db.sock'), pino({ level: 'silent' }), () => ({
    ...{ version: '0', peer: identity.label, since: 0 },
  }));
  const ports = createServer((socket) => socket.end()).listen(0, HOST);
  await once(ports, 'listening');
  const { port } = ports.address() as AddressInfo;
  const own = {
    tunnels: `${HOST}:${port}`,
    libp2p: `${HOST}:${port}`,
    certificate: CERTIFICATE,
  };
  expect((await run({ entry: own })).filter((line) => line.includes(':') && /ports|reached|in use/.test(line))).toEqual(
    ['note: the relay runs: its ports were dialled, and not listened on'],
  );
  ports.close();
  await close();
});

test('a disk that is full, and a check that never ends', async () => {
  expect(await checkDisk(join(folder, 'not/yet/ledger.db'))).toEqual([]);
  expect(await checkDisk(join(folder, 'ledger.db'), 2 ** 62)).toEqual([
    { level: 'wrong', line: expect.stringMatching(/ MiB are free; the ledger wants /) as unknown },
  ]);
  const never = { name: 'the other', run: () => new Promise<never>(() => undefined) };
  const fails = { name: 'the third', run: async () => Promise.reject(new Error('no')) };
  expect(await runChecks([never, fails], 50)).toEqual([
    { level: 'wrong', line: 'the other: no answer within 1 s' },
    { level: 'wrong', line: 'the third: no' },
  ]);
});
