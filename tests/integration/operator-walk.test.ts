// docs/operators.md, walked: each command of the page is run as it stands there, with other addresses, on the devnet's chain and a real name server; and then somebody pays for
// bytes. What an operator does by hand between the commands, the test does: a certificate, and money.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Libp2p } from '@libp2p/interface';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import { startNameServer, type NameServer } from '../../devnet/zone-dns.ts';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { loadConfig } from '../../relay/config/load.ts';
import { createIdentity, loadIdentity } from '../../relay/identity.ts';
import { startRelay } from '../../relay/relay.ts';
import { asAddress } from '../../src/core/payment/hex.ts';
import { formatCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { createTestCa, type TestCa } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { makeDevice, startWorker } from '../support/paying-worker.ts';
import { createRawProxy } from '../support/raw-proxy.ts';
import { receive } from '../support/relay-client.ts';
import { makeHello } from '../support/relay-hello.ts';
import { startPayerNode } from '../support/session-wire.ts';
import { isLong } from '../support/length.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const HOST = '127.0.1.46';
const DNS = { address: '127.0.1.47', port: 7953 };
const ZONE = 'relays.test';
const ONE = 1_000_000n;
/** More than the free quota of a day, and than one increment. */
const DOWNLOAD = 80 * 1_048_576;

let folder: string;
let lifeline: Lifeline;
let chain: Chain;
let names: NameServer;
let ca: TestCa;
let relay: ChildProcess | undefined;
let node: Libp2p | undefined;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'walk-'));
  lifeline = createLifeline();
  chain = await startChain({ lifeline, folder, blockTimeS: 1 });
  names = await startNameServer({ data: { zones: [ZONE], sites: { domain: 'demo.test', hosts: new Map() } }, ...DNS });
  ca = await createTestCa();
  writeFileSync(join(folder, 'ca.pem'), ca.certificate);
  mkdirSync(join(folder, 'bin'));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${ROOT}/relay/main.ts' "$@"\n`;
  writeFileSync(join(folder, 'bin/conet-relay'), program, { mode: 0o755 });
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await node?.stop();
  relay?.kill('SIGKILL');
  await names.close();
  await chain.close();
  await lifeline.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Commands of the page, in its order, with what stands for the places of the documentation. */
function commands(): string[] {
  const page = readFileSync(join(ROOT, 'docs/operators.md'), 'utf8');
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = '']) => block.trim().split('\n'))
    .map((line) =>
      line
        .replaceAll('192.0.2.1', HOST)
        .replaceAll('relays.example', ZONE)
        .replaceAll('--network base ', '--network devnet ')
        .replaceAll('https://mainnet.base.org', chain.url)
        .replaceAll('0.0.0.0:443', `${HOST}:8443`)
        .replaceAll('0.0.0.0:7401', `${HOST}:8401`)
        // The machine's own name server knows nothing of the zone.
        .replace('conet-relay check', `conet-relay check --resolver ${DNS.address}:${DNS.port}`),
    );
}

function start(command: string): ChildProcess {
  const path = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
  const env = { PATH: path, HOME: folder, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), TMPDIR: folder };
  return spawn('/bin/sh', ['-c', `exec ${command}`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(command: string): Promise<{ code: number; said: string }> {
  const child = start(command);
  let said = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}

async function certificate(label: string): Promise<void> {
  const { key, chain: pem } = await ca.issue({ names: [`*.${label}.${ZONE}`] });
  mkdirSync(join(folder, 'relay/tls'));
  writeFileSync(join(folder, 'relay/tls/key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'relay/tls/chain.pem'), pem);
}

test.runIf(isLong)('from nothing to the first byte that is paid for', async () => {
  const begun = performance.now();
  const [init, peerId, check, asks, joins, runs, ...later] = commands();
  expect(later).toEqual([
    'conet-relay status --config relay/relay.yaml',
    'conet-relay ledger --config relay/relay.yaml',
    'conet-relay address --config relay/relay.yaml --qr',
  ]);

  const made = await run(init!);
  expect(made.code, made.said).toBe(0);
  const account = asAddress(/payment\.key: address (0x\w{40})/.exec(made.said)?.[1]);
  const own = JSON.parse((await run(peerId!)).said) as { label: string; peerId: string };
  const { label } = own;
  // By hand: certificate and money. Before that, check says what is missing.
  const early = await run(check!);
  expect(early.code).toBe(2);
  expect(early.said).toMatch(/relay\/tls\/\S+ cannot be read/);
  expect(early.said).toContain(`${account} has 0.000000 ETH for gas: send it`);
  await certificate(label);
  await chain.addGas(account, 10n ** 17n);
  await chain.mint(account, 2n * ONE);

  expect(await run(check!)).toEqual({
    code: 0,
    said: 'note: the relay is not in the registry: conet-relay join\nthe configuration is good\n',
  });
  const asked = await run(asks!);
  expect(asked.code).toBe(1);
  expect(asked.said).toContain('nothing was sent');
  const joined = await run(joins!);
  expect(joined.code, joined.said).toBe(0);
  expect(joined.said).toContain('the relay is registered');

  const running = start(runs!);
  relay = running;
  const log: string[] = [];
  createInterface({ input: running.stdout! }).on('line', (line) => log.push(line));
  await eventually(() => expect(log.join('\n')).toContain('"event":"relay-ready"'));

  // Somebody's exit finds it, and somebody pays.
  const exit = await startExit();
  const bytes = await pay(label, account, exit);
  expect(bytes).toBe(DOWNLOAD);

  const status = await run(later[0]!);
  expect(status.code, status.said).toBe(0);
  expect(status.said).toMatch(/^entry: \d circuits open, 1 since the start, 80\.\d MiB carried; exits connected: 1$/m);
  const earned = /^earned (\d+\.\d+) on chain 31337/m.exec(status.said)?.[1];
  expect(Number(earned)).toBeGreaterThan(0);
  const ledger = await run(later[1]!);
  expect(ledger.said).toContain(`earned ${earned}`);
  const way = `/dns4/${HOST.replaceAll('.', '-')}.${label}.${ZONE}/tcp/8443/tls/ws/p2p/${own.peerId}`;
  const drawn = await run(later[2]!);
  expect(drawn.code, drawn.said).toBe(0);
  expect(drawn.said.split('\n')[0]).toBe(way);
  expect(status.said).toContain(`begin with it by ${way}`);
  console.log(
    `docs/operators.md, walked in ${((performance.now() - begun) / 1000).toFixed(1)} s: earned $${earned} for 80 MiB`,
  );

  running.kill('SIGTERM');
  const [code] = (await once(running, 'exit')) as [number];
  expect(code).toBe(0);
});

async function startExit(): Promise<string> {
  const { label } = await createIdentity(join(folder, 'exit.key'));
  const leaf = await ca.issue({ names: [`*.${label}.relay.test`] });
  writeFileSync(join(folder, 'exit-tls.key'), leaf.key, { mode: 0o600 });
  writeFileSync(join(folder, 'exit-tls.pem'), leaf.chain);
  const entry = JSON.parse((await run('conet-relay peer-id --config relay/relay.yaml')).said) as { peerId: string };
  const exit = {
    entries: [`/ip4/${HOST}/tcp/8401/p2p/${entry.peerId}`],
    certificate: { files: { key: 'exit-tls.key', chain: 'exit-tls.pem' } },
  };
  writeFileSync(
    join(folder, 'exit.yaml'),
    JSON.stringify({ identity: 'exit.key', operator: 'other', region: 'SE', exit }),
  );
  const said: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void said.push(line) });
  const parts = { createCertificateSource: createFileCertificateSource, createExitProxy: () => createRawProxy() };
  const started = await startRelay(
    await loadConfig(join(folder, 'exit.yaml')),
    await loadIdentity(join(folder, 'exit.key')),
    log,
    parts,
  );
  stops.push(() => started.stop());
  await eventually(() => expect(said.join('')).toContain('exit-entry-connected'));
  return label;
}

/** A worker with a wallet: a deposit, a lease, and bytes through the relay. */
async function pay(peer: string, payee: `0x${string}`, exit: string): Promise<number> {
  node = await startPayerNode();
  const running = node;
  const { peerId } = JSON.parse((await run('conet-relay peer-id --config relay/relay.yaml')).said) as {
    peerId: string;
  };
  const worker = startWorker({
    device: makeDevice(),
    node: () => running,
    address: () => `/ip4/${HOST}/tcp/8401/p2p/${peerId}`,
    entry: { peer, operator: 'example-family' },
    rpc: chain.url,
  });
  await worker.lease();
  await worker.wallet.create('gT7!qLx2#vR9m');
  const { account } = await worker.status();
  await chain.mint(asAddress(account), 10n * ONE);
  const question = await worker.payments.askDeposit(2n * ONE);
  expect(question.config.receiver).toBe(payee);
  await worker.payments.confirmDeposit(question.id, false);
  await chain.mine(2);
  await eventually(async () => {
    const { channels } = await worker.status();
    expect(channels).toMatchObject([{ state: 'open', deposited: '2000000' }]);
  });
  const port = await worker.lease();
  const socket = connect({ host: HOST, port: port!, allowHalfOpen: true });
  socket.on('error', () => undefined);
  const serverName = formatCircuitName({ address: HOST, peer: exit, zone: 'relay.test' });
  socket.write(Buffer.concat([makeHello({ serverName }), Buffer.from(`send ${DOWNLOAD}\n`)]));
  const { length } = await receive(socket);
  socket.end();
  return length;
}
