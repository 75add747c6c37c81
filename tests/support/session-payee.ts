// A payee for tests: the real sessions and a real ledger, with a chain, leases and a clock that the test holds. And payers that sign with real keys.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import type { ChainChannel, PayeeChain } from '../../relay/chain/payee-chain.ts';
import type { DepositStep } from '../../relay/ledger/deposits.ts';
import { openLedger, type Ledger } from '../../relay/ledger/ledger.ts';
import type { TunnelMeter } from '../../relay/net/tunnel-meter.ts';
import { Payee } from '../../relay/session/payee.ts';
import { PayeeSession, type Next } from '../../relay/session/payee-session.ts';
import type { PayeeInit, Payer } from '../../relay/session/parts.ts';
import { channelId } from '../../src/chain/rail/channel-id.ts';
import { ChainError } from '../../src/chain/rail/chain-error.ts';
import { depositNonce, signDeposit } from '../../src/chain/rail/deposit.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import { signQuote } from '../../src/chain/rail/relay-quote.ts';
import { signRefund } from '../../src/chain/rail/refund.ts';
import { signSessionProof } from '../../src/chain/rail/session-proof.ts';
import { signVoucher } from '../../src/chain/rail/voucher.ts';
import type { ChannelConfig } from '../../src/core/payment/channel.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import { encodeSessionMessage, type SessionBody, type SessionMessage } from '../../src/core/wire/session-messages.ts';
import { hexOf, NOW } from './ledger-values.ts';

export const network = NETWORKS.devnet;
export const PAYEE_PEER = '12D3KooWPayee';
export const MIB = 1_048_576;

export function keyOf(name: string): SigningKey {
  return new SigningKey(hexOf(`key ${name}`, 32));
}

export function addressOf(key: SigningKey): Hex {
  return computeAddress(key.publicKey).toLowerCase() as Hex;
}

const payment = keyOf('payment');

/** What anvil would do, as far as a payee sees it. */
export class FakeChain implements PayeeChain {
  readonly network = network;
  readonly receiver = addressOf(payment);
  readonly channels = new Map<Hex, ChainChannel>();
  /** What the next calls fail with. */
  fault: Error | undefined;
  deposits: Hex[] = [];
  claims: Hex[] = [];
  ledger: Ledger | undefined;
  #onDeposit: ((id: Hex, state: DepositStep) => void)[] = [];
  #onChannel: ((id: Hex) => void)[] = [];

  async read(id: Hex): Promise<ChainChannel> {
    if (this.fault instanceof ChainError) throw this.fault;
    const none = { balance: 0n, totalClaimed: 0n, pendingWithdrawal: 0n, withdrawAt: undefined, refundNonce: 0n };
    const seen = this.channels.get(id) ?? none;
    const { balance, totalClaimed: claimed, pendingWithdrawal } = seen;
    if (this.ledger?.channels.get(id) !== undefined) {
      await this.ledger.channels.saw(id, { balance, claimed, pendingWithdrawal });
    }
    return seen;
  }

  async deposit(id: Hex): Promise<{ txHash: Hex | undefined }> {
    if (this.fault !== undefined) {
      if (this.fault instanceof PaymentError) await this.#moveAll(id, 'failed');
      throw this.fault;
    }
    this.deposits.push(id);
    return { txHash: hexOf(`tx ${id}`, 32) };
  }

  /** A block with the deposits, and then one that is safe. */
  async mine(id: Hex, state: 'unsafe' | 'safe' | 'failed'): Promise<void> {
    await this.#moveAll(id, state);
    const amounts = this.ledger!.deposits.list().filter(
      (deposit) => deposit.channelId === id && deposit.state === state,
    );
    if (state !== 'failed') this.set(id, { balance: amounts.reduce((sum, { amount }) => sum + amount, 0n) });
    for (const listener of this.#onDeposit) listener(id, state);
  }

  set(id: Hex, change: Partial<ChainChannel>): void {
    const none = { balance: 0n, totalClaimed: 0n, pendingWithdrawal: 0n, withdrawAt: undefined, refundNonce: 0n };
    this.channels.set(id, { ...(this.channels.get(id) ?? none), ...change });
    for (const listener of this.#onChannel) listener(id);
  }

  balance(): Promise<bigint> {
    return Promise.resolve(0n);
  }

  claimNow(id: Hex): Promise<Hex | undefined> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    const { voucher, owed } = this.ledger!.channels.get(id)!;
    const signed = voucher?.max ?? 0n;
    const totalClaimed = signed < owed ? signed : owed;
    if (totalClaimed === 0n) return Promise.resolve(undefined);
    this.claims.push(id);
    this.set(id, { totalClaimed });
    return Promise.resolve(hexOf(`claim ${id}`, 32));
  }

  onDeposit(listener: (id: Hex, state: DepositStep) => void): void {
    this.#onDeposit.push(listener);
  }

  onChannel(listener: (id: Hex) => void): void {
    this.#onChannel.push(listener);
  }

  /** Who listened is dead. */
  forget(): void {
    this.#onDeposit = [];
    this.#onChannel = [];
  }

  signQuote: PayeeChain['signQuote'] = (quote) => signQuote(network, quote, payment);
  signRefund: PayeeChain['signRefund'] = (id, amount, nonce) =>
    signRefund(network, { channelId: id, amount, nonce }, payment);
  refunds: Hex[] = [];
  sendRefund: PayeeChain['sendRefund'] = async (id) => {
    if (this.fault !== undefined) throw this.fault;
    this.refunds.push(id);
    const channels = [{ id, max: 0n }];
    const nonce = this.refunds.length;
    await this.ledger!.transactions.prepare(
      { chainId: 1, account: this.receiver, nonce, kind: 'refund', channels },
      NOW,
    );
    return hexOf(`refund ${id}`, 32);
  };

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #moveAll(id: Hex, state: DepositStep): Promise<void> {
    for (const { nonce, channelId: of, state: now } of this.ledger!.deposits.list()) {
      if (of === id && (now === 'pending' || now === 'unsafe')) await this.ledger!.deposits.move(nonce, state);
    }
  }
}

export class FakeClock {
  time = NOW;
  #timers: { at: number; act: () => void }[] = [];

  now = (): number => this.time;

  later = (ms: number, act: () => void): (() => void) => {
    const timer = { at: this.time + ms, act };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((other) => other !== timer));
  };

  pass(ms: number): void {
    this.time += ms;
    const due = this.#timers.filter(({ at }) => at <= this.time);
    this.#timers = this.#timers.filter(({ at }) => at > this.time);
    for (const { act } of due) act();
  }
}

export type PayeeBench = {
  payee: Payee;
  chain: FakeChain;
  clock: FakeClock;
  ledger: Ledger;
  /** Of each peer that was granted one. */
  meters: Map<string, TunnelMeter>;
  ports: { left: number };
  /** The relay is killed and comes back. */
  restart(): void;
  close(): void;
};

export function createPayeeBench(change: Partial<PayeeInit> = {}): PayeeBench {
  const folder = mkdtempSync(join(tmpdir(), 'payee-'));
  const chain = new FakeChain();
  const clock = new FakeClock();
  const meters = new Map<string, TunnelMeter>();
  const ports = { left: 10 };
  const leases: PayeeInit['leases'] = {
    grant: ({ peer, meter }) => {
      if (ports.left === 0) return 'no-port';
      meters.set(peer, meter);
      return { port: 7443, idleSeconds: 3600, release: () => void meters.delete(peer), touch: () => undefined };
    },
  };
  const open = (): [Ledger, Payee] => {
    const ledger = openLedger({ path: join(folder, 'ledger.db'), entry: true });
    chain.ledger = ledger;
    const init: PayeeInit = {
      role: 'session',
      peerId: PAYEE_PEER,
      sign: () => Promise.resolve(new Uint8Array(64)),
      leases,
      prices: { entryPerMiB: 40n, exitPerMiB: 60n },
      minDeposit: 1_000_000n,
      freeBytesPerDay: BigInt(5 * MIB),
      bytesPerSecond: 1n,
      stallLimitMs: 30_000,
      ...change,
      ledger,
      chain,
      clock,
    };
    return [ledger, new Payee(init)];
  };
  const [ledger, payee] = open();
  const bench: PayeeBench = {
    ...{ payee, chain, clock, ledger, meters, ports },
    restart: () => {
      chain.forget();
      bench.ledger.close();
      [bench.ledger, bench.payee] = open();
    },
    close: () => {
      chain.forget();
      bench.ledger.close();
      rmSync(folder, { recursive: true });
    },
  };
  return bench;
}

/** A wallet with a session key, on one connection. */
export class TestPayer {
  readonly wallet: SigningKey;
  readonly session: SigningKey;
  readonly config: ChannelConfig;
  readonly id: Hex;
  readonly payer: Payer;

  constructor(name: string, receiver: Hex, change: Partial<ChannelConfig> = {}) {
    this.wallet = keyOf(`wallet ${name}`);
    this.session = keyOf(`session ${name}`);
    this.config = {
      payer: addressOf(this.wallet),
      payerAuthorizer: addressOf(this.session),
      receiver,
      receiverAuthorizer: receiver,
      token: network.token.address,
      withdrawDelay: 86_400,
      salt: hexOf(`salt ${name}`, 32),
      ...change,
    };
    this.id = channelId(network, this.config);
    this.payer = { peer: `k51${name}`, peerId: `12D3KooW${name}`, address: '192.0.2.7' };
  }

  proof(payeePeer = PAYEE_PEER): Hex {
    return signSessionProof(network, { channelId: this.id, payerPeer: this.payer.peerId, payeePeer }, this.session);
  }

  get channel() {
    return { config: this.config, proof: this.proof() };
  }

  /** @param now ms; it is good for an hour */
  deposit(amount = 2_000_000n, salt = 'deposit', now = NOW) {
    const deposit = { amount, validAfter: 0, validBefore: Math.floor(now / 1000) + 3600, salt: hexOf(salt, 32) };
    return signDeposit(network, this.config, deposit, this.wallet);
  }

  nonceOf(salt = 'deposit'): Hex {
    return depositNonce(this.id, hexOf(salt, 32));
  }

  voucher(max: bigint, key = this.session) {
    return { max, signature: signVoucher(network, { channelId: this.id, sum: max }, key) };
  }
}

/** One stream, by messages. */
export class TestStream {
  readonly received: SessionMessage[] = [];
  readonly #session: PayeeSession;
  #request = 0;

  constructor(bench: PayeeBench, payer: Payer) {
    this.#session = new PayeeSession(bench.payee, payer, (message) => this.received.push(message));
  }

  get state(): string {
    return this.#session.state;
  }

  bytes(bytes: Uint8Array): Promise<Next> {
    return this.#session.take(bytes);
  }

  /** What it is answered; undefined for nothing. */
  async ask(body: SessionBody, request = (this.#request += 1)): Promise<SessionBody | undefined> {
    const from = this.received.length;
    await this.#session.take(encodeSessionMessage({ request, body }));
    return this.received.slice(from).find((message) => message.request === request)?.body;
  }

  /** The code of the error that it is answered. */
  async code(body: SessionBody): Promise<string | undefined> {
    const answer = await this.ask(body);
    return answer?.type === 'error' ? answer.code : answer?.type;
  }

  gone(): void {
    this.#session.gone();
  }

  last<T extends SessionBody['type']>(type: T): Extract<SessionBody, { type: T }> | undefined {
    return this.received.findLast(({ body }) => body.type === type)?.body as never;
  }
}

/** A stream with a quote, and a channel whose deposit is safe. */
export async function openPaying(bench: PayeeBench, payer: TestPayer, amount = 2_000_000n): Promise<TestStream> {
  const stream = new TestStream(bench, payer.payer);
  await stream.ask({ type: 'quoteRequest', chainId: network.chainId });
  await stream.ask({
    type: 'open',
    channel: payer.channel,
    deposit: payer.deposit(amount),
    voucher: payer.voucher(0n),
  });
  await bench.chain.mine(payer.id, 'safe');
  await settled();
  return stream;
}

/** All that is under way in promises and the commit of the ledger has come to an end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
