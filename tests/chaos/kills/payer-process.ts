// The worker's payments in a process that can be killed: its own code from the wallet to the stream, on files and a TCP connection in the place of the
// browser's storage and WebSocket. Told over IPC what to do; the harness side is payer.ts. Run as a program with a PayerPlace as JSON.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { createPayments } from '../../../background/payments/payments.ts';
import { createWallet } from '../../../background/wallet/wallet.ts';
import { createPaymentRail } from '../../../src/chain/payment-rail.ts';
import { createKeyring } from '../../../src/chain/wallet/keyring.ts';
import { asAddress } from '../../../src/core/payment/hex.ts';
import { paymentsCell } from '../../../src/core/state/cells.ts';
import type { SessionMessage } from '../../../src/core/wire/session-messages.ts';
import type { PaymentStream } from '../../../src/ports/payment-stream.ts';
import { peerKeys } from '../../../src/net/peer-keys.ts';
import { openSession } from '../../../src/net/session-client.ts';
import { createDeviceSeal } from '../../../src/platform/device-seal.ts';
import { createCells } from '../../../src/platform/storage.ts';
import { startPayerNode } from '../../support/session-wire.ts';
import { createDisk } from './disk.ts';
import type { FromPayer, Moment, Order, PayerPlace, Point, ToPayer } from './payer-protocol.ts';

const PASSWORD = 'gT7!qLx2#vR9m';
const ASK_MS = 20_000;
/** More than a run spends: the limits of a person are not what is tried here. */
const NO_LIMIT = String(10n ** 15n);

const place = JSON.parse(process.argv[2] ?? '') as PayerPlace;
const say = (message: FromPayer): void => void process.send?.(message);

let point: Point | undefined;
function pass(moment: Moment, type?: SessionMessage['body']['type']): void {
  if (point?.moment === moment && (point.count -= 1) === 0) {
    const { afterMs } = point;
    if (afterMs === 0) process.kill(process.pid, 'SIGKILL');
    else setTimeout(() => process.kill(process.pid, 'SIGKILL'), afterMs);
  }
  say({ is: 'moment', moment, type });
}

/** 32 bytes of this device, drawn at its first start. */
async function secret(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(place.folder, name);
  const fresh = crypto.getRandomValues(new Uint8Array(32));
  await writeFile(path, fresh, { flag: 'wx', mode: 0o600 }).catch(() => undefined);
  return new Uint8Array(await readFile(path));
}

const watched = (stream: PaymentStream): PaymentStream => ({
  ...stream,
  send: (message) => {
    pass('before-send', message.body.type);
    stream.send(message);
    pass('after-send', message.body.type);
  },
  onMessage: (listener) => {
    stream.onMessage((message) => {
      const { body } = message;
      pass('received', body.type);
      if (body.type === 'meter' && body.channel !== undefined) {
        say({ is: 'shown', channel: body.channel.channelId, max: String(body.channel.lastMax) });
      }
      listener(message);
    });
  },
});

const cells = createCells(createDisk(place.folder, pass));
const clock = { now: () => Date.now(), timeout: (ms: number) => AbortSignal.timeout(ms) };
const chance = { draw: () => Math.random(), bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const raw = await secret('device');
const deviceKey = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
const node = await startPayerNode({ privateKey: await generateKeyPairFromSeed('Ed25519', await secret('peer')) });
const seal = createDeviceSeal({ read: async () => deviceKey });
const wallet = createWallet({
  ...{ cells, clock, chance, seal, nudges: { at: () => undefined, cancel: () => undefined, onNudge: () => undefined } },
  keyring: async () => createKeyring(),
});
const payments = createPayments({
  ...{ cells, clock, chance, wallet, seal, keys: peerKeys },
  entries: {
    session: async (_, { signal }) => {
      const connection = await node.dial(multiaddr(place.address), { signal });
      return watched(await openSession(connection, node.peerId.toString(), { signal }));
    },
  },
  packagedRelays: { read: async () => ({ relays: [], payments: { network: 'devnet', rpcs: [place.rpc] } }) },
  loadRail: async (network) => createPaymentRail({ network, fetch }),
  traffic: { of: () => undefined, bytes: () => ({ tab: undefined, today: 0n }) },
  isCovered: () => true,
  leased: async () => undefined,
  abandon: async () => undefined,
  tryAgain: async () => undefined,
  report: () => undefined,
});

async function open(): Promise<void> {
  const { is } = await wallet.status();
  if (is === 'none') await wallet.create(PASSWORD);
  if (is === 'locked') await wallet.unlock(PASSWORD);
}

const lease = () => payments.lease({ peer: place.peer, operator: 'alder' }, { signal: AbortSignal.timeout(ASK_MS) });

async function perform(order: Order): Promise<number | undefined> {
  switch (order.do) {
    case 'lease':
      return lease();
    case 'deposit': {
      await open();
      const question = await payments.askDeposit(BigInt(order.amount));
      await payments.confirmDeposit(question.id, false);
      return undefined;
    }
    case 'close': {
      const { channels } = await cells.read(paymentsCell);
      const channel = channels.findLast(({ state }) => state === 'open' || state === 'opening');
      if (channel === undefined) throw new Error('no channel is open');
      await payments.closeChannel(channel.id);
      return undefined;
    }
    case 'die':
      point = order.at;
      return undefined;
  }
}

const codeOf = (error: unknown): string => {
  const { code, name, message } = error as { code?: unknown; name?: string; message?: string };
  return typeof code === 'string' ? code : `${name ?? ''}: ${message ?? ''}`;
};

await open();
await payments.setLimits({ perDay: NO_LIMIT, perSession: NO_LIMIT, askAbovePerGb: NO_LIMIT });
process.on('message', ({ id, order }: ToPayer) => {
  perform(order).then(
    (port) => say({ is: 'done', id, port: port ?? null }),
    (error: unknown) => say({ is: 'refused', id, code: codeOf(error) }),
  );
});
// Without its harness there is nothing to do.
process.on('disconnect', () => process.exit(0));
const status = await wallet.status();
if (status.is !== 'open') throw new Error('the wallet does not open');
say({ is: 'ready', account: asAddress(status.accounts[0]!.address) });
