// Who signed a voucher, a deposit, a quote: the one form that is taken, and everything near it that is not.

import fc from 'fast-check';
import { Mnemonic, HDNodeWallet, SigningKey, TypedDataEncoder, verifyTypedData, Wallet } from 'ethers';
import { describe, expect, test } from 'vitest';
import type { ChannelConfig } from '../../../../src/core/payment/channel.ts';
import type { Hex } from '../../../../src/core/payment/hex.ts';
import { PaymentError } from '../../../../src/core/payment/payment-error.ts';
import { channelId } from '../../../../src/chain/rail/channel-id.ts';
import { signDeposit, verifyDeposit } from '../../../../src/chain/rail/deposit.ts';
import { channelSalt, deriveSessionKey, sessionPath, walletPath } from '../../../../src/chain/rail/keys.ts';
import { NETWORKS } from '../../../../src/chain/rail/networks.ts';
import { signRefund, verifyRefund } from '../../../../src/chain/rail/refund.ts';
import { quoteDigest, signQuote, verifyQuote } from '../../../../src/chain/rail/relay-quote.ts';
import { signSessionProof, verifySessionProof } from '../../../../src/chain/rail/session-proof.ts';
import { recoverSigner } from '../../../../src/chain/rail/signature.ts';
import { quoteDomain } from '../../../../src/chain/rail/typed-data.ts';
import { signVoucher, verifyVoucher, voucherDigest, VOUCHER_TYPEHASH } from '../../../../src/chain/rail/voucher.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const { base, devnet, 'base-sepolia': sepolia } = NETWORKS;

const payer = new SigningKey(`0x${'11'.repeat(32)}`);
const session = new SigningKey(`0x${'22'.repeat(32)}`);
const relay = new SigningKey(`0x${'33'.repeat(32)}`);
const addressOf = (key: SigningKey) => new Wallet(key).address.toLowerCase() as Hex;
const config: ChannelConfig = {
  payer: addressOf(payer),
  payerAuthorizer: addressOf(session),
  receiver: addressOf(relay),
  receiverAuthorizer: addressOf(relay),
  token: devnet.token.address,
  withdrawDelay: 86_400,
  salt: `0x${'ab'.repeat(32)}`,
};
const id = channelId(devnet, config);
const voucher = { channelId: id, sum: 1_000n };
const signature = signVoucher(devnet, voucher, session);

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof PaymentError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}
const check = (text: unknown, changed = voucher, network = devnet, signer = config.payerAuthorizer) =>
  codeOf(() => verifyVoucher(network, changed, text, signer));
const bytes32 = (byte: string): Hex => `0x${byte.repeat(32)}`;
const word = (value: bigint) => value.toString(16).padStart(64, '0');
const parts = {
  r: BigInt(signature.slice(0, 66)),
  s: BigInt(`0x${signature.slice(66, 130)}`),
  v: signature.slice(130),
};

describe('a voucher', () => {
  test('has the struct of the contract that is live on Base', () => {
    expect(VOUCHER_TYPEHASH).toMatch(/^0x1e1bd6ff.{52}9a69$/);
  });

  test('holds by its session key, and is the same bytes each time', () => {
    expect(check(signature)).toBe('nothing thrown');
    expect(check(signature.toUpperCase().replace('0X', '0x'))).toBe('nothing thrown');
    expect(signVoucher(devnet, voucher, session)).toBe(signature);
  });

  test('does not hold for another sum, channel, chain, contract or key', () => {
    expect(check(signature, { ...voucher, sum: 1_001n })).toBe('bad_sig');
    expect(check(signature, { ...voucher, channelId: channelId(devnet, { ...config, withdrawDelay: 86_401 }) })).toBe(
      'bad_sig',
    );
    expect(check(signature, voucher, base)).toBe('bad_sig');
    expect(check(signature, voucher, { ...devnet, escrow: devnet.collector })).toBe('bad_sig');
    expect(check(signature, voucher, devnet, config.payer)).toBe('bad_sig');
    expect(check(signVoucher(devnet, voucher, payer))).toBe('bad_sig');
  });

  test.each([
    ['high s', `0x${word(parts.r)}${word(ORDER - parts.s)}${parts.v === '1b' ? '1c' : '1b'}`],
    ['v of 0 or 1', `0x${signature.slice(2, 130)}${parts.v === '1b' ? '00' : '01'}`],
    ['v with a chain id', `0x${signature.slice(2, 130)}25`],
    ['64 bytes (EIP-2098)', signature.slice(0, 130)],
    ['66 bytes', `${signature}00`],
    ['r of 0', `0x${word(0n)}${signature.slice(66)}`],
    ['r at the order', `0x${word(ORDER)}${signature.slice(66)}`],
    ['s of 0', `0x${word(parts.r)}${word(0n)}${parts.v}`],
    ['r that is no point', `0x${word(5n)}${signature.slice(66)}`],
    ['all zero', `0x${'00'.repeat(65)}`],
    ['nothing', '0x'],
    ['no text', 5],
    ['no hexadecimal', `0x${'zz'.repeat(65)}`],
  ])('whose signature is of another form is refused: %s', (_, text) => {
    expect(check(text)).toBe('bad_sig');
  });

  test('the upper half of s begins right above the middle', () => {
    const half = ORDER / 2n;
    const at = (s: bigint) => () => recoverSigner(voucherDigest(devnet, voucher), `0x${word(parts.r)}${word(s)}1b`);
    expect(at(half + 1n)).toThrow('upper half');
    expect(at(ORDER - parts.s)).toThrow('upper half');
    expect(at(half)()).toMatch(/^0x[0-9a-f]{40}$/);
  });

  test('any one bit of a signature changed is another signer or none', () => {
    fc.assert(
      fc.property(fc.nat(64), fc.nat(7), (byte, bit) => {
        const bytes = Buffer.from(signature.slice(2), 'hex');
        bytes[byte] = bytes[byte]! ^ (1 << bit);
        expect(check(`0x${bytes.toString('hex')}`)).toBe('bad_sig');
      }),
      { numRuns: 200 },
    );
  });

  test('of another type than the contract’s is not signed at all', () => {
    expect(() => signVoucher(devnet, { channelId: id, sum: -1n }, session)).toThrow();
    expect(() => signVoucher(devnet, { channelId: id, sum: 2n ** 128n }, session)).toThrow();
    expect(() => signVoucher(devnet, { channelId: '0x12', sum: 1n }, session)).toThrow();
  });
});

describe('a deposit', () => {
  const now = 1_800_000_000_000;
  const deposit = { amount: 2_000_000n, validAfter: 0, validBefore: 1_800_000_600, salt: bytes32('07') };
  const signed = signDeposit(devnet, config, deposit, payer);

  test('is taken while it is valid', () => {
    verifyDeposit(devnet, config, signed, now);
  });

  test.each([
    ['its end is past', { validBefore: 1_799_999_999 }, 'deposit_failed'],
    ['it ends before it could be mined', { validBefore: 1_800_000_030 }, 'deposit_failed'],
    ['it is not valid yet', { validAfter: 1_800_000_000 }, 'deposit_failed'],
    ['another amount was signed', { amount: 2_000_001n }, 'bad_sig'],
    ['another salt was signed', { salt: bytes32('08') }, 'bad_sig'],
  ] as const)('is refused where %s', (_, change, code) => {
    expect(codeOf(() => verifyDeposit(devnet, config, { ...signed, ...change }, now))).toBe(code);
  });

  test('cannot be put into another channel or taken to another chain', () => {
    const other = { ...config, receiver: config.payerAuthorizer };
    expect(codeOf(() => verifyDeposit(devnet, other, signed, now))).toBe('bad_sig');
    expect(codeOf(() => verifyDeposit(sepolia, config, signed, now))).toBe('bad_sig');
  });

  test('the session key cannot sign one', () => {
    const stolen = signDeposit(devnet, config, deposit, session);
    expect(codeOf(() => verifyDeposit(devnet, config, stolen, now))).toBe('bad_sig');
  });
});

describe('a refund', () => {
  const refund = { channelId: id, nonce: 3n, amount: 500n };
  test('holds by the receiver’s key, once and for so much', () => {
    const text = signRefund(devnet, refund, relay);
    verifyRefund(devnet, refund, text, config.receiverAuthorizer);
    expect(codeOf(() => verifyRefund(devnet, { ...refund, nonce: 4n }, text, config.receiverAuthorizer))).toBe(
      'bad_sig',
    );
    expect(codeOf(() => verifyRefund(devnet, { ...refund, amount: 501n }, text, config.receiverAuthorizer))).toBe(
      'bad_sig',
    );
  });
});

describe('a quote', () => {
  const quote = {
    peerId: '12D3KooWEntry',
    receiver: config.receiver,
    token: devnet.token.address,
    withdrawDelay: 86_400,
    minDeposit: 1_000_000n,
    entryPricePerMiB: 31n,
    exitPricePerMiB: 74n,
    incrementBytes: 1_048_576n,
    graceBytes: 1_048_576n,
    validFrom: 1_000,
    validUntil: 4_600,
  };
  const text = signQuote(devnet, quote, relay);

  test('is the struct of the specification: ethers alone says the same signer', () => {
    const types = {
      RelayQuote: [
        ...[
          { name: 'peerId', type: 'string' },
          { name: 'receiver', type: 'address' },
          { name: 'token', type: 'address' },
        ],
        ...[
          { name: 'withdrawDelay', type: 'uint40' },
          { name: 'minDeposit', type: 'uint128' },
        ],
        ...[
          { name: 'entryPricePerMiB', type: 'uint128' },
          { name: 'exitPricePerMiB', type: 'uint128' },
        ],
        ...[
          { name: 'incrementBytes', type: 'uint64' },
          { name: 'graceBytes', type: 'uint64' },
        ],
        ...[
          { name: 'validFrom', type: 'uint64' },
          { name: 'validUntil', type: 'uint64' },
        ],
      ],
    };

    expect(quoteDigest(devnet, quote)).toBe(TypedDataEncoder.hash(quoteDomain(devnet), types, quote));
    expect(verifyTypedData(quoteDomain(devnet), types, quote, text).toLowerCase()).toBe(config.receiver);
  });

  test.each(Object.keys(quote))('does not hold where its %s was changed', (name) => {
    const old = quote[name as keyof typeof quote];
    const changed =
      typeof old === 'string'
        ? `${old.slice(0, -1)}${old.endsWith('b') ? 'c' : 'b'}`
        : typeof old === 'bigint'
          ? old + 1n
          : old + 1;
    expect(codeOf(() => verifyQuote(devnet, { ...quote, [name]: changed }, text))).toMatch(/^bad_(sig|quote)$/);
  });

  test('for another token is refused though it is signed', () => {
    const other = { ...quote, token: base.token.address };
    expect(codeOf(() => verifyQuote(devnet, other, signQuote(devnet, other, relay)))).toBe('bad_quote');
  });

  test('is no voucher: the same key under another domain', () => {
    expect(recoverSigner(voucherDigest(devnet, voucher), text)).not.toBe(config.receiver);
  });
});

describe('the proof of a session', () => {
  const proof = { channelId: id, payerPeer: '12D3KooWClient', payeePeer: '12D3KooWEntry' };
  const text = signSessionProof(devnet, proof, session);
  const checkProof = (changed: typeof proof) =>
    codeOf(() => verifySessionProof(devnet, changed, text, config.payerAuthorizer));

  test('holds on its connection alone', () => {
    expect(checkProof(proof)).toBe('nothing thrown');
    expect(checkProof({ ...proof, payerPeer: '12D3KooWThief' })).toBe('bad_sig');
    expect(checkProof({ ...proof, payeePeer: '12D3KooWOther' })).toBe('bad_sig');
    expect(checkProof({ ...proof, channelId: bytes32('01') })).toBe('bad_sig');
  });
});

describe('keys and salts come from the seed alone', () => {
  const phrase = 'test test test test test test test test test test test junk';
  const root = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(phrase), 'm');
  const parts = { receiver: config.receiver, deviceId: `0x${'0d'.repeat(16)}`, epoch: 1n } as const;

  test('wallet and session keys stand on different paths', () => {
    expect([walletPath(0), sessionPath(3)]).toEqual(["m/44'/60'/0'/0/0", "m/44'/60'/1'/0/3"]);
    // The first account of the phrase that every development chain knows.
    expect(root.derivePath(walletPath(0)).address).toBe('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266');
    expect(addressOf(deriveSessionKey(root, 0))).toBe('0x8c8d35429f74ec245f8ef2f4fd1e551cff97d650');
    for (const bad of [-1, 0.5, 2 ** 31, Number.NaN]) expect(() => sessionPath(bad)).toThrow(RangeError);
  });

  test('a salt is found again, and differs by key, relay, device and epoch', () => {
    const key = deriveSessionKey(root, 0);
    const salt = channelSalt(key, parts);
    expect(channelSalt(key, parts)).toBe(salt);
    const others = [
      channelSalt(deriveSessionKey(root, 1), parts),
      channelSalt(key, { ...parts, receiver: config.payer }),
      channelSalt(key, { ...parts, deviceId: `0x${'0e'.repeat(16)}` }),
      channelSalt(key, { ...parts, epoch: 2n }),
    ];
    expect(new Set([salt, ...others]).size).toBe(5);
    expect(() => channelSalt(key, { ...parts, deviceId: '0x12' })).toThrow('device id');
  });
});
