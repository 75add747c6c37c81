// What an entry that takes money does to a circuit: its lease's port is where the tunnels go, and one that gives none, or speaks for another, is passed by.

import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import { beforeEach, describe, expect, test } from 'vitest';
import { NETWORKS } from '../../../src/chain/rail/networks.ts';
import { quoteDigest, signQuote } from '../../../src/chain/rail/relay-quote.ts';
import { asAddress } from '../../../src/core/payment/hex.ts';
import type { RelayQuote } from '../../../src/core/payment/quote.ts';
import { EMPTY_BOOK } from '../../../src/core/session/payment-book.ts';
import { encodeCell } from '../../../src/core/state/cell.ts';
import { paymentsCell } from '../../../src/core/state/cells.ts';
import type { SessionBody } from '../../../src/core/wire/session-messages.ts';
import { quotePeerMessage } from '../../../src/core/wire/session-proof.ts';
import type { SessionErrorCode } from '../../../src/core/wire/session-protocol.ts';
import type { PaymentStream } from '../../../src/ports/payment-stream.ts';
import type { FakeRelay } from '../../support/fakes/relays.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const network = NETWORKS.base;
const payee = new SigningKey(`0x${'7'.repeat(64)}`);

type Entry = { port: number; refuses?: SessionErrorCode; signer?: FakeRelay; terms?: Partial<RelayQuote> };

async function quoteOf(relay: FakeRelay, { signer = relay, terms: more = {} }: Entry): Promise<SessionBody> {
  const terms: RelayQuote = {
    peerId: peerIdFromPrivateKey(relay.key).toString(),
    receiver: asAddress(computeAddress(payee.publicKey)),
    token: network.token.address,
    ...{ withdrawDelay: 86_400, minDeposit: 1_000_000n, entryPricePerMiB: 31n, exitPricePerMiB: 74n },
    ...{ incrementBytes: 1_048_576n, graceBytes: 1_048_576n, validFrom: 0, validUntil: 10_000, ...more },
  };
  const payeeSignature = signQuote(network, terms, payee);
  const bytes = await signer.key.sign(quotePeerMessage(quoteDigest(network, terms), payeeSignature));
  return {
    type: 'quote',
    terms: { chainId: network.chainId, escrow: network.escrow, ...terms },
    ...{ payeeSignature, peerSignature: `0x${Buffer.from(bytes).toString('hex')}` as const },
  };
}

/** An entry that grants a lease on the free quota, or does not. */
function streamOf(relay: FakeRelay, entry: Entry): PaymentStream {
  let tell: Parameters<PaymentStream['onMessage']>[0] = () => undefined;
  const answer = async (body: SessionBody): Promise<SessionBody> => {
    if (body.type === 'quoteRequest') return quoteOf(relay, entry);
    if (entry.refuses !== undefined) return { type: 'error', code: entry.refuses };
    return { type: 'openAck', lease: { port: entry.port, freeBytes: 5_000_000n, idleSeconds: 60 } };
  };
  return {
    payerPeer: 'me',
    payeePeer: peerIdFromPrivateKey(relay.key).toString(),
    send: ({ request, body }) => void answer(body).then((reply) => tell({ request, body: reply })),
    onMessage: (listener) => (tell = listener),
    onEnd: () => undefined,
    close: () => undefined,
  };
}

let world: World;
let entries: Map<string, Entry>;

beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://a.test/');
  entries = new Map(world.network.entries.map(({ label }, index) => [label, { port: 9001 + index }]));
  world.session = (peer) => {
    const relay = world.network.entries.find(({ label }) => label === peer)!;
    const entry = entries.get(peer);
    return entry === undefined ? undefined : streamOf(relay, entry);
  };
  await world.start();
});

const ports = () => world.browser.policy?.circuits.map(({ port }) => port) ?? [];

describe('a lease', () => {
  test('says at which port the tunnels go in', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    expect(ports()[0]).toBe(9001);
  });

  test('is not needed where the entry takes no money', async () => {
    entries.clear();
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    expect(ports()[0]).toBe(7443);
  });

  test('that is refused for money leads to another entry, and where there is none to a deposit', async () => {
    const [alder, birch] = world.network.entries;
    entries.set(alder!.label, { port: 1, refuses: 'no_free_quota' });
    await world.set(TAB, true);
    expect((await world.until(TAB, 'private')).circuit?.entry.operator).toBe('birch');
    await world.set(TAB, false);
    await world.until(TAB, 'off');
    entries.set(birch!.label, { port: 1, refuses: 'no_free_quota' });
    await world.restartWorker();
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'payment-needed' });
    const popup = { kind: 'popup', tab: undefined } as const;
    const status = await world.app.handlers['payments/status']({ tab: TAB, direct: false }, popup);
    expect(status).toMatchObject({ needsDeposit: true, entry: { pricePerGb: '100136', minDeposit: '1000000' } });
  });

  test.each<[string, (other: FakeRelay) => Partial<Entry>]>([
    ['that another peer has signed', (other) => ({ signer: other })],
    ['of another relay', (other) => ({ terms: { peerId: peerIdFromPrivateKey(other.key).toString() } })],
    ['whose time is over', () => ({ terms: { validUntil: 100 } })],
    ['that risks too much', () => ({ terms: { graceBytes: 2_000_000n } })],
    ['in another token', () => ({ terms: { token: `0x${'9'.repeat(40)}` } })],
  ])('is not taken on a quote %s', async (_, change) => {
    const [alder, birch] = world.network.entries;
    entries.set(alder!.label, { port: 9001, ...change(birch!) });
    await world.set(TAB, true);
    expect((await world.until(TAB, 'private')).circuit?.entry.operator).toBe('birch');
    expect(ports()).not.toContain(9001);
  });
});

test('what was spent in a session is forgotten when the browser starts, and not when the worker does; what was spent today never', async () => {
  const popup = { kind: 'popup', tab: undefined } as const;
  const spent = async (): Promise<string[]> => {
    const { session, today } = await world.app.handlers['payments/status']({ tab: TAB, direct: false }, popup);
    return [session.cost, today.cost];
  };
  const book = { ...EMPTY_BOOK, spending: { day: 0, today: 70n, session: 60n } };
  world.browser.stored.local.set('payments', encodeCell(paymentsCell, book));
  await world.restartWorker();
  expect(await spent()).toEqual(['60', '70']);
  world.kill();
  world.browser.restart([]);
  await world.start();
  expect(await spent()).toEqual(['0', '70']);
});

test('a book that cannot be read signs nothing until the person sets limits', async () => {
  world.browser.stored.local.set('payments', { version: 1, value: { limits: {} } });
  const { limits } = await world.app.handlers['payments/status'](
    { tab: TAB, direct: false },
    { kind: 'popup', tab: undefined },
  );
  expect(limits).toEqual({ perDay: '0', perSession: '0', askAbovePerGb: '0' });
});
