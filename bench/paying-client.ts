// A client that pays its entry as the extension does: the payer's engine, the rail and the stream of the extension, without the browser around them. For figures of
// what paying costs; the money is the devnet's.

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import { createLibp2p } from 'libp2p';
import { randomBytes } from 'node:crypto';
import { createPaymentRail } from '../src/chain/payment-rail.ts';
import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { depositTimes } from '../src/core/payment/deposit-times.ts';
import { newChannel, type PayerChannel } from '../src/core/session/payer-channel.ts';
import type { PayerBook } from '../src/core/session/payer-ports.ts';
import { Payer } from '../src/core/session/payer.ts';
import { openSession } from '../src/net/session-client.ts';
import type { Network } from '../devnet/network.ts';

/** For 150 downloads of 300 MB. */
const DEPOSIT = 5_000_000n;
const OPEN_TIMEOUT_MS = 30_000;

export type PayingClient = {
  /** Where its tunnels go in. */
  port: number;
  vouchers: () => number;
  close: () => Promise<void>;
};

export async function startPayingClient(network: Network, { entry }: Circuit): Promise<PayingClient> {
  const relay = network.relays.find(({ label }) => label === entry.peer);
  if (relay === undefined || network.chain === undefined) throw new Error('the devnet takes no money');
  const node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  const signal = AbortSignal.timeout(OPEN_TIMEOUT_MS);
  const address = `/ip4/${relay.address}/tcp/${network.ports.libp2p}/p2p/${relay.peerId}`;
  const stream = await openSession(await node.dial(multiaddr(address), { signal }), node.peerId.toString(), { signal });

  const rail = createPaymentRail({ network: 'devnet', fetch });
  const wallet = `0x${randomBytes(32).toString('hex')}`;
  const key = randomBytes(32);
  const peers = { payerPeer: stream.payerPeer, payeePeer: stream.payeePeer };
  let channel: PayerChannel | undefined;
  let vouchers = 0;
  const isSafe = Promise.withResolvers<undefined>();
  const stopped = Promise.withResolvers<never>();
  const kept = (): PayerChannel => {
    if (channel === undefined) throw new Error('no channel');
    return channel;
  };
  const book: PayerBook = {
    channel: () => Promise.resolve(channel),
    change: (_, change) => Promise.resolve((channel = change(kept()))),
    promise: (_, decide) => {
      const { channel: next, sum } = decide(kept());
      const isMore = sum !== undefined && sum > next.paid.signed;
      channel = isMore ? { ...next, paid: { ...next.paid, signed: sum } } : next;
      return Promise.resolve({ is: isMore ? 'promised' : 'nothing', channel });
    },
  };
  const payer = new Payer({
    chainId: rail.chainId,
    send: (message) => stream.send(message),
    keys: {
      checkQuote: (quote) => Promise.resolve(rail.readQuote(quote).terms),
      prove: ({ id }) => Promise.resolve(rail.prove(id, peers, key)),
      signVoucher: ({ id }, sum) => {
        vouchers += 1;
        return Promise.resolve(rail.signVoucher(id, sum, key));
      },
      isOwn: (own, voucher) => Promise.resolve(rail.isOwn(own, voucher)),
    },
    book,
    own: () => undefined,
    stopped: (problem) => stopped.reject(new Error(`nothing is paid any more: ${problem}`)),
    held: () => undefined,
    low: () => undefined,
    deposit: (state) => {
      if (state !== undefined && 'depositState' in state && state.depositState === 'safe') isSafe.resolve(undefined);
    },
    metered: () => undefined,
  });
  stream.onMessage((message) => payer.receive(message));
  stream.onEnd(() => payer.end());

  const terms = await payer.quote();
  const account = computeAddress(new SigningKey(wallet).publicKey);
  await network.chain.mint(account as `0x${string}`, DEPOSIT);
  const made = rail.newChannel({ payer: account, key, terms, deviceId: `0x${'00'.repeat(16)}`, epoch: 0n });
  channel = newChannel(made.id, made.config);
  const salt: `0x${string}` = `0x${randomBytes(32).toString('hex')}`;
  const deposit = rail.signDeposit(made.config, { amount: DEPOSIT, ...depositTimes(Date.now()), salt }, wallet);
  const { lease } = await payer.deposit(channel, deposit);
  // Until then the credit is capped.
  await Promise.race([isSafe.promise, stopped.promise]);
  stopped.promise.catch(() => undefined);
  if (lease === undefined) throw new Error('the entry grants no lease');
  return { port: lease.port, vouchers: () => vouchers, close: () => Promise.resolve(node.stop()) };
}
