// An entry that takes money, as a worker's stream sees it: its quote, and a lease on the free quota or a refusal. No channel can be opened with it.

import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import { NETWORKS } from '../../../src/chain/rail/networks.ts';
import { quoteDigest, signQuote } from '../../../src/chain/rail/relay-quote.ts';
import { asAddress } from '../../../src/core/payment/hex.ts';
import type { RelayQuote } from '../../../src/core/payment/quote.ts';
import type { SessionBody } from '../../../src/core/wire/session-messages.ts';
import { quotePeerMessage } from '../../../src/core/wire/session-proof.ts';
import type { SessionErrorCode } from '../../../src/core/wire/session-protocol.ts';
import type { PaymentStream } from '../../../src/ports/payment-stream.ts';
import type { FakeRelay } from './relays.ts';

const network = NETWORKS.base;
const payee = new SigningKey(`0x${'7'.repeat(64)}`);

export type LeaseEntry = {
  port: number;
  refuses?: SessionErrorCode;
  signer?: FakeRelay;
  terms?: Partial<RelayQuote>;
  /** Counts bytes; so many of the day's free ones are left. */
  meter?: (bytes: bigint, freeBytes?: bigint) => void;
};

async function quoteOf(relay: FakeRelay, { signer = relay, terms: more = {} }: LeaseEntry): Promise<SessionBody> {
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
export function leaseStream(relay: FakeRelay, entry: LeaseEntry): PaymentStream {
  let tell: Parameters<PaymentStream['onMessage']>[0] = () => undefined;
  const answer = async (body: SessionBody): Promise<SessionBody> => {
    if (body.type === 'quoteRequest') return quoteOf(relay, entry);
    if (entry.refuses !== undefined) return { type: 'error', code: entry.refuses };
    return { type: 'openAck', lease: { port: entry.port, freeBytes: 5_000_000n, idleSeconds: 60 } };
  };
  entry.meter = (bytes, freeBytes = 9n) =>
    tell({ request: 0, body: { type: 'meter', up: 0n, down: bytes, freeBytes, channel: undefined } });
  return {
    payerPeer: 'me',
    payeePeer: peerIdFromPrivateKey(relay.key).toString(),
    send: ({ request, body }) => void answer(body).then((reply) => tell({ request, body: reply })),
    onMessage: (listener) => (tell = listener),
    onEnd: () => undefined,
    close: () => undefined,
    isSpoken: () => true,
  };
}

/** An entry that takes no money: it ends the stream at the first word. */
export function unspokenStream(payeePeer: string): PaymentStream {
  const ended = Promise.withResolvers<undefined>();
  let isSpoken = true;
  return {
    ...{ payerPeer: 'me', payeePeer },
    send: () => {
      isSpoken = false;
      ended.resolve(undefined);
    },
    onMessage: () => undefined,
    onEnd: (listener) => void ended.promise.then(listener),
    close: () => undefined,
    isSpoken: () => isSpoken,
  };
}
