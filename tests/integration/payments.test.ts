// The worker's payments against a real relay: its wallet, its book, libp2p, a relay with a ledger, and the devnet's chain. From the free quota over a deposit and a
// worker that dies to the money back.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection, Libp2p } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createPayments, type Payments } from '../../background/payments/payments.ts';
import { createWallet } from '../../background/wallet/wallet.ts';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { loadConfig } from '../../relay/config/load.ts';
import { createIdentity, type Identity } from '../../relay/identity.ts';
import { createPaymentKey, type PaymentKey } from '../../relay/payment-key.ts';
import { startRelay, type Relay } from '../../relay/relay.ts';
import { createPaymentRail } from '../../src/chain/payment-rail.ts';
import { createKeyring } from '../../src/chain/wallet/keyring.ts';
import { asAddress } from '../../src/core/payment/hex.ts';
import type { BookChannel, PaymentBook } from '../../src/core/session/payment-book.ts';
import { decodeCell, paymentsCell } from '../../src/core/state/cells.ts';
import { formatCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { peerKeys } from '../../src/net/peer-keys.ts';
import { openSession } from '../../src/net/session-client.ts';
import { createDeviceSeal, makeDeviceKey } from '../../src/platform/device-seal.ts';
import { createCells } from '../../src/platform/storage.ts';
import { createTestCa } from '../support/certificates.ts';
import { FakeBrowser } from '../support/fakes/browser.ts';
import { createRawProxy } from '../support/raw-proxy.ts';
import { receive } from '../support/relay-client.ts';
import { makeHello } from '../support/relay-hello.ts';
import { startPayerNode } from '../support/session-wire.ts';

const HOST = '127.0.1.38';
const MIB = 1_048_576;
const ONE = 1_000_000n;
/** The relay's default: 16 MiB, at $0.11 a gigabyte. */
const INCREMENT = 16n * 105n;
const PASSWORD = 'gT7!qLx2#vR9m';

let folder: string;
let lifeline: Lifeline;
let chain: Chain;
let key: PaymentKey;
let entry: Identity;
let exit: Identity;
const relays: Relay[] = [];
const lines: Record<string, unknown>[] = [];
let node: Libp2p;
let address: string;

const log = pino(
  { level: 'info', base: null },
  { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
);

async function start(name: string, identity: Identity, roles: object): Promise<Record<string, unknown>> {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, JSON.stringify({ identity: `${name}.key`, operator: name, region: 'DE', ...roles }));
  const parts = { createCertificateSource: createFileCertificateSource, createExitProxy: () => createRawProxy() };
  relays.push(await startRelay(await loadConfig(path), identity, log, parts));
  return lines.findLast(({ event }) => event === 'relay-ready')!;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'payments-'));
  lifeline = createLifeline();
  const ca = await createTestCa();
  entry = await createIdentity(join(folder, 'entry.key'));
  exit = await createIdentity(join(folder, 'exit.key'));
  for (const [name, { label }] of [['entry', entry] as const, ['exit', exit] as const]) {
    const leaf = await ca.issue({ names: [`*.${label}.relay.test`] });
    writeFileSync(join(folder, `${name}-tls.key`), leaf.key, { mode: 0o600 });
    writeFileSync(join(folder, `${name}-tls.pem`), leaf.chain);
  }
  chain = await startChain({ lifeline, folder });
  key = await createPaymentKey(join(folder, 'payment.key'));
  await chain.addGas(key.address, 10n ** 18n);
  const files = (name: string) => ({ files: { key: `${name}-tls.key`, chain: `${name}-tls.pem` } });
  const ready = await start('entry', entry, {
    entry: { tunnels: `${HOST}:0`, libp2p: `${HOST}:0`, certificate: files('entry') },
    payments: { network: 'devnet', rpc: [chain.url], key: 'payment.key', freeMiBPerDay: 4 },
  });
  [address] = ready['libp2p'] as [string];
  await start('exit', exit, { exit: { entries: [address], certificate: files('exit') } });
  node = await startPayerNode();
}, 60_000);
afterAll(async () => {
  await node.stop();
  for (const relay of relays.reverse()) await relay.stop();
  await chain.close();
  await lifeline.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What outlives a worker. */
const browser = new FakeBrowser();
const set = browser.stored.local.set.bind(browser.stored.local);
browser.stored.local.set = (key, value) => {
  // Whatever dies after any of its writes: a channel without its deposit could neither be paid by nor be filled.
  const isHalf = ({ deposit, funds }: BookChannel): boolean =>
    deposit === undefined && funds.safe + funds.unsafe === 0n;
  if (key === paymentsCell.key) half += decodeCell(paymentsCell, value).value.channels.filter(isHalf).length;
  return set(key, value);
};
let half = 0;
const deviceKey = makeDeviceKey();
const reports: unknown[] = [];
const abandoned: string[] = [];

function startWorker(line = node) {
  const cells = createCells(browser.areas);
  const clock = { now: () => Date.now(), timeout: (ms: number) => AbortSignal.timeout(ms) };
  const chance = { draw: () => 0, bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
  const wallet = createWallet({
    ...{ cells, clock, chance, nudges: browser.nudges, keyring: async () => createKeyring() },
    seal: createDeviceSeal({ read: () => deviceKey }),
  });
  const payments: Payments = createPayments({
    ...{ cells, clock, chance, wallet, keys: peerKeys },
    entries: {
      session: async (_, { signal }) => {
        const connection: Connection = await line.dial(multiaddr(address));
        return openSession(connection, line.peerId.toString(), { signal });
      },
    },
    packagedRelays: { read: async () => ({ relays: [], payments: { network: 'devnet', rpcs: [chain.url] } }) },
    loadRail: async (network) => createPaymentRail({ network, fetch }),
    traffic: { of: () => undefined, bytes: () => ({ tab: undefined, today: 0n }) },
    isCovered: () => true,
    leased: async () => undefined,
    abandon: async (peer) => void abandoned.push(peer),
    tryAgain: async () => undefined,
    report: (error) => void reports.push(error),
  });
  const lease = () => payments.lease({ peer: entry.label, operator: 'alder' }, { signal: AbortSignal.timeout(10_000) });
  const status = () => payments.status({ tab: 1, direct: false });
  const book = (): Promise<PaymentBook> => cells.read(paymentsCell);
  return { wallet, payments, lease, status, book };
}

/** How many bytes came through entry and exit. */
async function download(bytes: number, port: number): Promise<number> {
  const socket = connect({ host: HOST, port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  const serverName = formatCircuitName({ address: HOST, peer: exit.label, zone: 'relay.test' });
  socket.write(Buffer.concat([makeHello({ serverName }), Buffer.from(`send ${bytes}\n`)]));
  return (await receive(socket)).length;
}

test('from the free quota over a deposit, vouchers and a worker’s death to the money back', async () => {
  const first = startWorker();
  const free = await first.lease();
  expect(free).toBeGreaterThan(0);
  expect(await download(MIB, free!)).toBe(MIB);
  expect((await first.status()).entry).toMatchObject({ operator: 'alder', freeBytes: 4 * MIB });

  await first.wallet.create(PASSWORD);
  const { account } = await first.status();
  await expect(first.payments.askDeposit(2n * ONE)).rejects.toMatchObject({ code: 'payment-no-funds' });
  await chain.mint(asAddress(account), 10n * ONE);
  await expect(first.payments.askDeposit(1n)).rejects.toMatchObject({ code: 'min_deposit' });

  const question = await first.payments.askDeposit(2n * ONE);
  expect(question).toMatchObject({
    ...{ amount: '2000000', isTopUp: false, payee: { peer: entry.label }, symbol: 'USDC' },
    message: { from: asAddress(account), value: '2000000' },
    config: { receiver: key.address, payer: asAddress(account) },
  });
  await expect(first.payments.confirmDeposit('0'.repeat(32))).rejects.toMatchObject({ code: 'payment-no-question' });
  await first.payments.confirmDeposit(question.id);
  await expect(first.payments.confirmDeposit(question.id)).rejects.toMatchObject({ code: 'payment-no-question' });
  await chain.mine(2);
  await vi.waitFor(async () => {
    const { channels, history } = await first.status();
    expect(channels).toMatchObject([{ id: question.channel, state: 'open', deposited: '2000000' }]);
    expect(history).toMatchObject([{ kind: 'deposit', amount: '2000000' }]);
  }, 20_000);

  const port = await first.lease();
  expect(await download(40 * MIB, port!)).toBe(40 * MIB);
  const { signed } = (await first.book()).channels[0]!.paid;
  expect(signed).toBeGreaterThanOrEqual(32n * 105n);
  expect((await first.book()).spending.today).toBe(signed);

  // The worker is gone, with its stream; the wallet is locked for the next one.
  await first.wallet.lock();
  const connection = node.getConnections()[0]!;
  for (const stream of connection.streams) stream.abort(new Error('the worker died'));
  const second = startWorker();
  const again = await second.lease();
  expect(await download(40 * MIB, again!)).toBe(40 * MIB);
  const channel = (await second.book()).channels[0]!;
  expect(channel.paid.signed).toBeGreaterThan(signed);
  expect(channel.paid.signed).toBeLessThanOrEqual(channel.paid.owed + INCREMENT);
  expect((await second.status()).problem).toBeNull();

  const beforeClose = browser.stored.local.get(paymentsCell.key);
  await second.payments.closeChannel(question.channel);
  const { channels, history } = await second.status();
  expect(channels).toMatchObject([{ state: 'closed', left: '0' }]);
  const refund = history.find(({ kind }) => kind === 'refund');
  // What was paid is what came through, and the relay gave the rest back.
  const paid = 2n * ONE - BigInt(refund!.amount);
  const cost = 80n * 105n;
  expect(paid).toBeGreaterThanOrEqual(cost - INCREMENT);
  expect(paid).toBeLessThanOrEqual(cost + cost / 20n + INCREMENT);
  expect(abandoned).toEqual([entry.label]);
  expect(reports).toEqual([]);
  expect(half).toBe(0);

  // A worker that died before it had that on the disk: the next one hears of it when it comes for a lease, and has no channel any more.
  browser.stored.local.set(paymentsCell.key, beforeClose);
  // On a line of its own: of the first peer the relay takes no more openings for some seconds.
  const line = await startPayerNode();
  const third = startWorker(line);
  expect((await third.status()).channels).toMatchObject([{ state: 'open' }]);
  await expect(third.lease()).rejects.toMatchObject({ code: 'withdraw_pending' });
  expect((await third.status()).channels).toMatchObject([{ state: 'closed', left: '0' }]);
  await line.stop();
}, 60_000);
