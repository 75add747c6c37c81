// One stream at the payee, message by message: docs/protocol/session.md, states of §4 and each row of the table in §3. The ledger and the signatures are real.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChainError } from '../../../../src/chain/rail/chain-error.ts';
import { verifyQuote } from '../../../../src/chain/rail/relay-quote.ts';
import { verifyRefund } from '../../../../src/chain/rail/refund.ts';
import { parseQuote } from '../../../../src/core/payment/quote.ts';
import { PaymentError } from '../../../../src/core/payment/payment-error.ts';
import { encodeSessionMessage } from '../../../../src/core/wire/session-messages.ts';
import { DEAR_BURST, MESSAGE_BURST } from '../../../../relay/session/limits.ts';
import {
  addressOf,
  createPayeeBench,
  keyOf,
  MIB,
  network,
  openPaying,
  settled,
  TestPayer,
  TestStream,
  type PayeeBench,
} from '../../../support/session-payee.ts';

const INCREMENT = 100n;
/** Three quarters of an increment. */
const GRACE = 75n;
const CHUNK = 16_384;

let bench: PayeeBench;
let alice: TestPayer;
let stream: TestStream;
beforeEach(() => {
  bench = createPayeeBench();
  alice = new TestPayer('alice', bench.chain.receiver);
  stream = new TestStream(bench, alice.payer);
});
afterEach(() => bench.close());

const quoteRequest = { type: 'quoteRequest', chainId: network.chainId } as const;
const free = { type: 'open' } as const;
const voucher = (max: bigint, from = alice) =>
  ({ type: 'voucher', channelId: from.id, voucher: from.voucher(max) }) as const;
const close = (max: bigint, refund = true) =>
  ({ type: 'close', channelId: alice.id, voucher: alice.voucher(max), refund }) as const;

/** Bytes through the tunnels of a payer, in chunks, while they may; answers how many. */
async function traffic(bytes: number, peer = alice.payer.peer): Promise<number> {
  const meter = bench.meters.get(peer)!;
  let passed = 0;
  while (passed < bytes) {
    if (!meter.pass('down', 0)) {
      const waiting = meter.wait();
      await settled();
      if (!meter.pass('down', 0)) {
        bench.clock.pass(30_000);
        expect(await waiting).toBe(false);
        return passed;
      }
      await waiting;
    }
    meter.pass('down', CHUNK);
    passed += CHUNK;
  }
  await settled();
  return passed;
}

describe('a session from the quote to the close', () => {
  test('the quote is signed by the key that is paid, and its terms are ones a client takes', async () => {
    const quote = await stream.ask(quoteRequest);
    if (quote?.type !== 'quote') throw new Error('no quote');
    const { chainId, escrow, ...terms } = quote.terms;
    expect({ chainId, escrow }).toEqual({ chainId: network.chainId, escrow: network.escrow });
    verifyQuote(network, parseQuote(terms), quote.payeeSignature);
  });

  test('free, then paid on the same stream; a voucher for each increment; the close gives back what was not used', async () => {
    expect(await stream.ask(free)).toEqual({
      type: 'openAck',
      lease: { port: 7443, freeBytes: BigInt(5 * MIB), idleSeconds: 3600 },
    });
    expect(stream.state).toBe('free');
    expect(await traffic(2 * MIB)).toBe(2 * MIB);
    expect(stream.last('meter')).toMatchObject({ down: BigInt(2 * MIB), freeBytes: BigInt(3 * MIB) });

    await stream.ask(quoteRequest);
    const open = {
      type: 'open',
      channel: alice.channel,
      deposit: alice.deposit(),
      voucher: alice.voucher(0n),
    } as const;
    expect(await stream.ask(open)).toMatchObject({
      lease: { port: 7443 },
      channel: { channelId: alice.id, credit: GRACE, depositState: 'pending' },
    });
    expect(stream.state).toBe('paying');
    await bench.chain.mine(alice.id, 'safe');
    await settled();
    expect(stream.received.at(-1)).toMatchObject({ request: 0, body: { channel: { depositState: 'safe' } } });

    await stream.ask(voucher(INCREMENT));
    for (let paid = 1n; paid <= 10n; paid += 1n) {
      expect(await traffic(MIB)).toBe(MIB);
      const meter = stream.last('meter')!;
      // All bytes of the stream, but money for those of the channel.
      expect(meter).toMatchObject({ down: BigInt(2 * MIB) + paid * BigInt(MIB), channel: { owed: paid * INCREMENT } });
      expect(await stream.ask(voucher(paid * INCREMENT + INCREMENT))).toBeUndefined();
    }
    const closed = await stream.ask(close(11n * INCREMENT));
    if (closed?.type !== 'closed') throw new Error('not closed');
    const refund = closed.refund!;
    expect(refund).toMatchObject({ nonce: 0n, amount: 2_000_000n - 1000n });
    verifyRefund(network, { channelId: alice.id, ...refund }, refund.signature, bench.chain.receiver);
    expect(bench.chain.claims).toEqual([alice.id]);
    // At the relay's own gas.
    expect(bench.chain.refunds).toEqual([alice.id]);
    expect(stream.state).toBe('closed');
    expect(bench.meters.size).toBe(0);
    expect(bench.ledger.channels.get(alice.id)).toMatchObject({ state: 'closed', owed: 1000n });
  });

  test('the payee serves one increment beyond the voucher, then the tunnels wait and end; a voucher lets them go on', async () => {
    stream = await openPaying(bench, alice);
    expect(await traffic(10 * MIB)).toBe(0.75 * MIB);
    expect(stream.last('meter')).toMatchObject({ channel: { owed: 75n, lastMax: 0n } });
    const meter = bench.meters.get(alice.payer.peer)!;
    // It was waited for long enough: a new tunnel does not wait again.
    expect(await meter.wait()).toBe(false);
    await stream.ask(voucher(200n));
    expect(await traffic(10 * MIB)).toBe(2 * MIB);
    await stream.ask(voucher(300n));
    await settled();
    meter.pass('down', MIB);
    const waiting = meter.wait();
    await stream.ask(voucher(400n));
    expect(await waiting).toBe(true);
  });

  test('until the deposit is safe it counts for five cents, whatever vouchers promise', async () => {
    await stream.ask(quoteRequest);
    await stream.ask({
      type: 'open',
      channel: alice.channel,
      deposit: alice.deposit(),
      voucher: alice.voucher(60_000n),
    });
    expect(stream.last('openAck')).toMatchObject({ channel: { credit: 50_000n, depositState: 'pending' } });
    await bench.chain.mine(alice.id, 'unsafe');
    await settled();
    expect(stream.last('openAck')).toMatchObject({ channel: { credit: 50_000n, depositState: 'unsafe' } });
    await bench.chain.mine(alice.id, 'safe');
    await settled();
    expect(stream.last('openAck')).toMatchObject({ channel: { credit: 60_075n, depositState: 'safe' } });
  });

  test('a later stream of the channel goes on where the one before was, over a kill of the relay too', async () => {
    stream = await openPaying(bench, alice);
    await stream.ask(voucher(200n));
    expect(await traffic(MIB)).toBe(MIB);
    stream.gone();
    bench.restart();
    const later = new TestStream(bench, alice.payer);
    const state = await later.ask({ type: 'resync', ...alice.channel });
    expect(state).toMatchObject({ balance: 2_000_000n, voucher: alice.voucher(200n) });
    // At most a quarter of an increment more than was served.
    const { owed } = state as { owed: bigint };
    expect(owed).toBeGreaterThanOrEqual(100n);
    expect(owed).toBeLessThanOrEqual(125n);
    await later.ask(quoteRequest);
    expect(await later.code({ type: 'open', channel: alice.channel, voucher: alice.voucher(200n) })).toBe('openAck');
    expect(later.last('meter')).toMatchObject({ up: 0n, down: 0n, channel: { owed, lastMax: 200n } });
    expect(await later.code(voucher(300n))).toBeUndefined();
  });

  test('a relay that lost its ledger takes the channel up from the chain, and what was claimed counts as served', async () => {
    bench.chain.set(alice.id, { balance: 2_000_000n, totalClaimed: 900n });
    await stream.ask(quoteRequest);
    await stream.ask({ type: 'open', channel: alice.channel, voucher: alice.voucher(1000n) });
    expect(stream.last('meter')).toMatchObject({ channel: { owed: 900n, lastMax: 1000n } });
  });

  test('a deposit that is shown again is answered with its state, and a relay without the answer of the chain goes on with what it knew', async () => {
    stream = await openPaying(bench, alice);
    bench.chain.fault = new ChainError('unreachable', 'off');
    bench.clock.pass(2 * 3600_000);
    const later = new TestStream(bench, alice.payer);
    await later.ask(quoteRequest);
    const again = { type: 'open', channel: alice.channel, deposit: alice.deposit() } as const;
    expect(await later.ask(again)).toMatchObject({ channel: { depositState: 'safe' } });
    expect(bench.chain.deposits).toHaveLength(1);
  });

  test('closed again after the answer was lost: the same refund, and nothing is served', async () => {
    stream = await openPaying(bench, alice);
    const first = await stream.ask(close(0n));
    const later = new TestStream(bench, alice.payer);
    await later.ask(quoteRequest);
    const ack = await later.ask({ type: 'open', channel: alice.channel });
    expect(ack).toMatchObject({ type: 'openAck', channel: { credit: 0n } });
    expect(ack).not.toHaveProperty('lease');
    expect(await later.code(voucher(100n))).toBe('withdraw_pending');
    const { refund } = first as { refund?: unknown };
    expect(await later.ask(close(0n))).toMatchObject({ type: 'closed', refund });
    expect(bench.chain.refunds).toEqual([alice.id]);
  });

  test('a close that the chain does not answer leaves the channel open', async () => {
    stream = await openPaying(bench, alice);
    bench.chain.fault = new ChainError('unreachable', 'off');
    expect(await stream.code(close(0n))).toBe('unavailable');
    expect(stream.state).toBe('paying');
    expect(await traffic(MIB / 2)).toBe(MIB / 2);
    bench.chain.fault = undefined;
    expect(await stream.code(close(100n))).toBe('closed');
  });
});

describe('what a wrong value gets', () => {
  test('quote_expired: without a quote, and when its time is over', async () => {
    const open = { type: 'open', channel: alice.channel, deposit: alice.deposit() } as const;
    expect(await stream.code(open)).toBe('quote_expired');
    await stream.ask(quoteRequest);
    bench.clock.pass(7_200_000);
    expect(await stream.code(open)).toBe('quote_expired');
    expect(bench.chain.deposits).toEqual([]);
  });

  test('bad_sig: voucher, proof and deposit of another key; a proof for another connection', async () => {
    await stream.ask(quoteRequest);
    const { config } = alice;
    const bob = new TestPayer('bob', bench.chain.receiver);
    const proofs = [bob.proof(), alice.proof('12D3KooWOther'), alice.proof().replace(/..$/, '00')] as const;
    for (const proof of proofs) {
      expect(await stream.code({ type: 'open', channel: { config, proof: proof as `0x${string}` } })).toBe('bad_sig');
      expect(await stream.code({ type: 'resync', config, proof: proof as `0x${string}` })).toBe('bad_sig');
    }
    bench.clock.pass(60_000);
    const deposit = { ...alice.deposit(), signature: bob.deposit().signature };
    expect(await stream.code({ type: 'open', channel: alice.channel, deposit })).toBe('bad_sig');
    expect(bench.ledger.channels.list()).toEqual([]);
    stream = await openPaying(bench, alice);
    const forged = { channelId: alice.id, voucher: alice.voucher(200n, bob.session) };
    expect(await stream.code({ type: 'voucher', ...forged })).toBe('bad_sig');
    expect(await stream.code({ type: 'close', ...forged, refund: true })).toBe('bad_sig');
    expect(bench.ledger.channels.get(alice.id)?.voucher).toBeUndefined();
  });

  test('not_advancing: less than a quarter of an increment, the same again, and a close below the best', async () => {
    stream = await openPaying(bench, alice);
    expect(await stream.code(voucher(24n))).toBe('not_advancing');
    expect(await stream.code(voucher(25n))).toBeUndefined();
    for (const max of [25n, 10n, 0n]) expect(await stream.code(voucher(max))).toBe('not_advancing');
    expect(await stream.code(close(24n))).toBe('not_advancing');
    expect(await stream.code(close(26n))).toBe('closed');
  });

  test('a channel that was closed is closed again by a payer that has not heard of it and has signed once more', async () => {
    stream = await openPaying(bench, alice);
    await stream.ask(voucher(100n));
    expect(await stream.code(close(100n))).toBe('closed');
    const next = new TestStream(bench, alice.payer);
    await next.ask(quoteRequest);
    expect(await next.ask({ type: 'open', channel: alice.channel })).toMatchObject({ type: 'openAck' });
    expect(await next.code(voucher(150n))).toBe('withdraw_pending');
    expect(await next.code(close(150n))).toBe('closed');
    expect(bench.ledger.channels.get(alice.id)?.voucher?.max).toBe(100n);
  });

  test('exceeds_balance, and withdraw_pending where a withdrawal takes what would have covered it', async () => {
    stream = await openPaying(bench, alice);
    expect(await stream.code(voucher(2_000_001n))).toBe('exceeds_balance');
    bench.chain.set(alice.id, { pendingWithdrawal: 1_999_900n });
    await settled();
    expect(await stream.code(voucher(101n))).toBe('withdraw_pending');
    expect(await stream.code(voucher(100n))).toBeUndefined();
    const more = { type: 'topUp', channelId: alice.id, deposit: alice.deposit(1_000_000n, 'more') } as const;
    expect(await stream.code(more)).toBe('withdraw_pending');
    const later = new TestStream(bench, alice.payer);
    await later.ask(quoteRequest);
    expect(await later.code({ type: 'open', channel: alice.channel })).toBe('withdraw_pending');
  });

  test('deposit_failed: the chain would not take it, its time is over, its salt stands for another; and told when it fails later', async () => {
    await stream.ask(quoteRequest);
    const open = (deposit: ReturnType<TestPayer['deposit']>) =>
      ({ type: 'open', channel: alice.channel, deposit }) as const;
    bench.clock.pass(3_600_000);
    expect(await stream.code(open(alice.deposit()))).toBe('deposit_failed');
    bench.clock.pass(-3_600_000);
    bench.chain.fault = new PaymentError('deposit_failed', 'no money');
    expect(await stream.code(open(alice.deposit()))).toBe('deposit_failed');
    bench.chain.fault = undefined;
    // What failed is not tried again.
    expect(await stream.code(open(alice.deposit()))).toBe('deposit_failed');
    expect(await stream.code(open(alice.deposit(3_000_000n)))).toBe('deposit_failed');
    expect(bench.chain.deposits).toEqual([]);
    bench.clock.pass(120_000);
    expect(await stream.code(open(alice.deposit(2_000_000n, 'fresh')))).toBe('openAck');
    await bench.chain.mine(alice.id, 'failed');
    await settled();
    expect(stream.received.at(-1)).toEqual({ request: 0, body: { type: 'error', code: 'deposit_failed' } });
    expect(await traffic(MIB)).toBe(0);
  });

  test('min_deposit: at the opening and for more', async () => {
    await stream.ask(quoteRequest);
    const open = { type: 'open', channel: alice.channel, deposit: alice.deposit(999_999n) } as const;
    expect(await stream.code(open)).toBe('min_deposit');
    stream = await openPaying(bench, alice);
    const more = { type: 'topUp', channelId: alice.id, deposit: alice.deposit(999_999n, 'more') } as const;
    expect(await stream.code(more)).toBe('min_deposit');
  });

  test('rate_limited: messages are not even read, dear ones are counted apart, deposits by their source', async () => {
    const flood = Array.from({ length: MESSAGE_BURST + 5 }, () => stream.bytes(Uint8Array.of(0xff)));
    expect((await Promise.all(flood)).slice(-5)).toEqual(Array(5).fill('rest'));
    bench.clock.pass(60_000);
    const other = new TestStream(bench, { ...alice.payer, peer: 'k51other' });
    for (let dear = 0; dear < DEAR_BURST; dear += 1) expect(await other.code(quoteRequest)).toBe('quote');
    expect(await other.ask(quoteRequest)).toMatchObject({ code: 'rate_limited', retryAfterMs: 1000 });
    const codes: unknown[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const payer = new TestPayer(name, bench.chain.receiver);
      const its = new TestStream(bench, payer.payer);
      await its.ask(quoteRequest);
      codes.push(await its.code({ type: 'open', channel: payer.channel, deposit: payer.deposit() }));
    }
    expect(codes).toEqual(['openAck', 'openAck', 'openAck', 'rate_limited']);
  });

  test('bad_message, unknown_message, and the reset after eight of them or at what only a payee may say', async () => {
    expect(await stream.bytes(Uint8Array.of(0x08, 0x01, 0xa2, 0x06, 0x00))).toBe('go-on');
    expect(stream.received.at(-1)?.body).toMatchObject({ code: 'unknown_message' });
    expect(await stream.bytes(Uint8Array.of(0xff))).toBe('go-on');
    expect(stream.received.at(-1)?.body).toMatchObject({ code: 'bad_message' });
    expect(await stream.code({ type: 'open', deposit: alice.deposit() })).toBe('bad_message');
    for (let more = 0; more < 5; more += 1) await stream.bytes(Uint8Array.of(0xff));
    expect(await stream.bytes(Uint8Array.of(0xff))).toBe('reset');
    const other = new TestStream(bench, alice.payer);
    const notYours = encodeSessionMessage({ request: 1, body: { type: 'error', code: 'bad_sig' } });
    expect(await other.bytes(notYours)).toBe('reset');
  });

  test('out_of_order: the same request again, a lower one, and 0', async () => {
    await stream.ask(quoteRequest, 7);
    for (const request of [7, 3, 0]) expect(await stream.ask(free, request)).toMatchObject({ code: 'out_of_order' });
    expect(stream.state).toBe('new');
    expect(await stream.ask(free, 8)).toMatchObject({ type: 'openAck' });
  });

  test('wrong_network: another chain, another token', async () => {
    expect(await stream.code({ type: 'quoteRequest', chainId: 1 })).toBe('wrong_network');
    await stream.ask(quoteRequest);
    const other = new TestPayer('alice', bench.chain.receiver, { token: network.escrow });
    expect(await stream.code({ type: 'open', channel: other.channel })).toBe('wrong_network');
  });

  test.each([
    ['another receiver', { receiver: addressOf(keyOf('other')) }],
    ['another who may refund', { receiverAuthorizer: addressOf(keyOf('other')) }],
    ['no session key', { payerAuthorizer: `0x${'0'.repeat(40)}` }],
    ['a withdrawal after an hour', { withdrawDelay: 3600 }],
  ] as const)('bad_config: %s', async (_, change) => {
    await stream.ask(quoteRequest);
    const other = new TestPayer('alice', bench.chain.receiver, change);
    expect(await stream.code({ type: 'open', channel: other.channel, deposit: other.deposit() })).toBe('bad_config');
    expect(await stream.code({ type: 'resync', ...other.channel })).toBe('bad_config');
  });

  test('unknown_channel: nobody knows it, or the stream has opened none', async () => {
    await stream.ask(quoteRequest);
    expect(await stream.code({ type: 'open', channel: alice.channel })).toBe('unknown_channel');
    expect(await stream.code({ type: 'resync', ...alice.channel })).toBe('unknown_channel');
    await openPaying(bench, alice);
    for (const body of [voucher(100n), close(100n)]) expect(await stream.code(body)).toBe('unknown_channel');
    await stream.ask(free);
    expect(await stream.code(voucher(100n))).toBe('unknown_channel');
  });

  test('wrong_channel: another than the stream has opened', async () => {
    stream = await openPaying(bench, alice);
    const bob = new TestPayer('bob', bench.chain.receiver);
    expect(await stream.code(voucher(100n, bob))).toBe('wrong_channel');
    expect(await stream.code({ type: 'topUp', channelId: bob.id, deposit: bob.deposit() })).toBe('wrong_channel');
    const asAlice = { config: bob.config, proof: bob.proof() };
    expect(await stream.code({ type: 'open', channel: asAlice })).toBe('wrong_channel');
    expect(await stream.code({ type: 'resync', ...asAlice })).toBe('wrong_channel');
    expect(await stream.code(free)).toBe('wrong_channel');
  });

  test('no_free_quota: today’s is used, there is none, and never at an exit', async () => {
    await stream.ask(free);
    expect(await traffic(10 * MIB)).toBe(5 * MIB);
    expect(stream.last('meter')).toMatchObject({ freeBytes: 0n });
    const neighbour = new TestStream(bench, { ...alice.payer, peer: 'k51neighbour', address: '192.0.2.9' });
    expect(await neighbour.code(free)).toBe('no_free_quota');
    const elsewhere = new TestStream(bench, { ...alice.payer, peer: 'k51far', address: '198.51.100.1' });
    expect(await elsewhere.code(free)).toBe('openAck');
    for (const change of [{ freeBytesPerDay: 0n }, { role: 'transit', leases: undefined }] as const) {
      const other = createPayeeBench(change);
      expect(await new TestStream(other, alice.payer).code(free)).toBe('no_free_quota');
      other.close();
    }
  });

  test('no_port', async () => {
    bench.ports.left = 0;
    expect(await stream.code(free)).toBe('no_port');
    expect(stream.state).toBe('new');
  });

  test('draining, and unavailable where the chain or the ledger cannot be reached', async () => {
    await stream.ask(quoteRequest);
    bench.chain.fault = new ChainError('unreachable', 'off');
    const open = { type: 'open', channel: alice.channel, deposit: alice.deposit() } as const;
    expect(await stream.ask(open)).toMatchObject({ code: 'unavailable', retryAfterMs: 5000 });
    expect(await stream.code({ type: 'resync', ...alice.channel })).toBe('unavailable');
    bench.chain.fault = undefined;
    bench.payee.draining = true;
    expect(await stream.code(open)).toBe('draining');
    bench.payee.draining = false;
    bench.ledger.close();
    expect(await stream.code(free)).toBe('unavailable');
    bench.restart = () => undefined;
    bench.close = () => undefined;
  });
});

describe('at an exit', () => {
  beforeEach(() => {
    bench.close();
    bench = createPayeeBench({ role: 'transit', leases: undefined });
    alice = new TestPayer('alice', bench.chain.receiver);
  });

  test('a link is charged for its own part of the price, and has no lease; nobody is charged before', async () => {
    expect(bench.payee.meterOf(alice.payer.peer)).toBeUndefined();
    stream = await openPaying(bench, alice);
    expect(stream.last('quote')?.terms).toMatchObject({ entryPricePerMiB: 0n, exitPricePerMiB: 60n });
    expect(stream.received.find(({ body }) => body.type === 'openAck')?.body).not.toHaveProperty('lease');
    const meter = bench.payee.meterOf(alice.payer.peer)!;
    bench.meters.set(alice.payer.peer, meter);
    expect(await traffic(10 * MIB)).toBe(0.75 * MIB);
    expect(stream.last('meter')).toMatchObject({ channel: { owed: 45n } });
    expect(bench.ledger.channels.get(alice.id)?.kind).toBe('transit');
  });
});
