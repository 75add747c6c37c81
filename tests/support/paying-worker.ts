// The payments of a worker with all that is real but the browser: its wallet, its book, libp2p to a relay, the chain's server. What outlives a worker is the caller's.

import type { Libp2p } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { createPayments, type Payments } from '../../background/payments/payments.ts';
import { createWallet, type Wallet } from '../../background/wallet/wallet.ts';
import { createPaymentRail } from '../../src/chain/payment-rail.ts';
import { createKeyring } from '../../src/chain/wallet/keyring.ts';
import type { PaymentBook } from '../../src/core/session/payment-book.ts';
import { paymentsCell } from '../../src/core/state/cells.ts';
import { peerKeys } from '../../src/net/peer-keys.ts';
import { openSession } from '../../src/net/session-client.ts';
import type { PaymentStream } from '../../src/ports/payment-stream.ts';
import { EntryUnreachableError } from '../../src/ports/entry-client.ts';
import { createDeviceSeal, makeDeviceKey } from '../../src/platform/device-seal.ts';
import { createCells } from '../../src/platform/storage.ts';
import { FakeBrowser } from './fakes/browser.ts';

/** What is there before and after a worker. */
export type Device = {
  browser: FakeBrowser;
  key: ReturnType<typeof makeDeviceKey>;
  /** What went wrong and nobody was told. */
  reports: unknown[];
  /** Entries that are not to be used any more. */
  abandoned: string[];
};

export function makeDevice(): Device {
  return { browser: new FakeBrowser(), key: makeDeviceKey(), reports: [], abandoned: [] };
}

export type PayingWorkerInit = {
  device: Device;
  /** Of the browser as it runs now: each of its restarts is another peer. */
  node: () => Libp2p;
  /** Of the entry, for libp2p. */
  address: () => string;
  /** The line to the entry, where it is another than over that node. */
  session?: ((label: string, options: { signal: AbortSignal }) => Promise<PaymentStream>) | undefined;
  entry: { peer: string; operator: string };
  /** Of the devnet's chain. */
  rpc: string;
  /** ms since the epoch. */
  now?: () => number;
};

export type PayingWorker = {
  wallet: Wallet;
  payments: Payments;
  /** The port for tunnels. */
  lease: () => Promise<number | undefined>;
  status: () => ReturnType<Payments['status']>;
  book: () => Promise<PaymentBook>;
};

export function startWorker(init: PayingWorkerInit): PayingWorker {
  const { device, node, address, entry, rpc, now = Date.now } = init;
  const { browser, key, reports, abandoned } = device;
  const cells = createCells(browser.areas);
  const clock = { now, timeout: (ms: number) => AbortSignal.timeout(ms) };
  const chance = { draw: () => 0, bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
  const seal = createDeviceSeal({ read: () => key });
  const keyring = async () => createKeyring();
  const wallet = createWallet({ cells, clock, chance, nudges: browser.nudges, keyring, seal });
  const payments = createPayments({
    ...{ cells, clock, chance, wallet, seal, keys: peerKeys },
    entries: {
      session: async (label, { signal }) => {
        if (init.session !== undefined) return init.session(label, { signal });
        const running = node();
        const connection = await running.dial(multiaddr(address())).catch((cause: unknown) => {
          throw new EntryUnreachableError('the entry is not connected', { cause });
        });
        return openSession(connection, running.peerId.toString(), { signal });
      },
    },
    packagedRelays: { read: async () => ({ relays: [], payments: { network: 'devnet', rpcs: [rpc] } }) },
    loadRail: async (network) => createPaymentRail({ network, fetch }),
    traffic: { of: () => undefined, bytes: () => ({ tab: undefined, today: 0n }) },
    isCovered: () => true,
    leased: async () => undefined,
    abandon: async (peer) => void abandoned.push(peer),
    tryAgain: async () => undefined,
    report: (error) => void reports.push(error),
  });
  return {
    wallet,
    payments,
    lease: () => payments.lease(entry, { signal: AbortSignal.timeout(10_000) }),
    status: () => payments.status({ tab: 1, direct: false }),
    book: () => cells.read(paymentsCell),
  };
}
