// Our channel ids, digests, signatures, deposits and calldata are those of `@x402/evm`, both ways, for random configs, amounts and keys. It computes them with
// viem, and shares no code with ethers but the curve's.

import fc from 'fast-check';
import { SigningKey, Wallet } from 'ethers';
import { expect, test } from 'vitest';
import {
  computeChannelId,
  createBatchSettlementEIP3009DepositPayload,
  signVoucher as oracleSignVoucher,
} from '@x402/evm/batch-settlement/client';
import type { BatchSettlementDepositPayload, BatchSettlementEnrichedRefundPayload } from '@x402/evm';
import { MAX_AMOUNT } from '../../../../src/core/payment/amount.ts';
import { parseChannelConfig, type ChannelConfig } from '../../../../src/core/payment/channel.ts';
import type { Hex } from '../../../../src/core/payment/hex.ts';
import {
  claimWithSignatureCall,
  depositCall,
  multicall,
  refundWithSignatureCall,
} from '../../../../src/chain/rail/calldata.ts';
import { channelId } from '../../../../src/chain/rail/channel-id.ts';
import { signDeposit, verifyDeposit } from '../../../../src/chain/rail/deposit.ts';
import { NETWORKS, type Network } from '../../../../src/chain/rail/networks.ts';
import { signClaimBatch, signRefund } from '../../../../src/chain/rail/refund.ts';
import { signVoucher, verifyVoucher } from '../../../../src/chain/rail/voucher.ts';
import { createOracle, oracleSigner, requirementsOf } from '../../../support/rail-oracle.ts';
import { runs } from '../../../support/length.ts';

/** A thousand take half a minute of one core: `CASES=1000 npm run test:unit -- conformance`. */
const CASES = Number(process.env['CASES'] ?? runs(300));
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
/** Any private key: 0 and the order's upper edge are no keys and do not come up. */
const key = bytes32
  .filter((hex) => BigInt(hex) > 0n && hex < '0xfffffffffffffffffffffffffffffffe')
  .map((hex) => new SigningKey(hex));
const amount = fc.oneof(fc.bigInt(2n, 10_000_000n), fc.bigInt(2n, MAX_AMOUNT), fc.constant(MAX_AMOUNT));

const drawn = fc.record({
  network: fc.constantFrom<Network[]>(...Object.values(NETWORKS)),
  payer: key,
  session: key,
  relay: key,
  salt: bytes32,
  withdrawDelay: fc.integer({ min: 86_400, max: 2_592_000 }),
  /** What is deposited, how much of it is promised and how much of that is claimed, in thousandths. */
  deposited: amount,
  promisedShare: fc.bigInt(1n, 1000n),
  claimedShare: fc.bigInt(1n, 999n),
  depositSalt: bytes32,
  refundNonce: fc.bigInt(0n, 2n ** 256n - 1n),
});

const addressOf = (one: SigningKey): Hex => new Wallet(one).address.toLowerCase() as Hex;
const part = (whole: bigint, share: bigint): bigint => (whole * share) / 1000n || 1n;

test(`${CASES} random channels are the same to us and to @x402/evm`, { timeout: 600_000 }, async () => {
  console.log(`conformance: seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      const { network, payer, session, relay } = one;
      const caip2 = `eip155:${network.chainId}`;
      const now = Date.now();
      const sum = part(one.deposited, one.promisedShare);
      const receiver = addressOf(relay);
      const config: ChannelConfig = {
        payer: addressOf(payer),
        payerAuthorizer: addressOf(session),
        receiver,
        receiverAuthorizer: receiver,
        token: network.token.address,
        withdrawDelay: one.withdrawDelay,
        salt: one.salt,
      };

      // The id, and so every field of the config.
      const id = channelId(network, config);
      expect(id).toBe(computeChannelId(config, network.chainId));
      expect(parseChannelConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);

      // A voucher: the same bytes, and each is taken by the other.
      const signature = signVoucher(network, { channelId: id, sum }, session);
      const theirs = await oracleSignVoucher(oracleSigner(session), id, sum.toString(), caip2);
      expect(signature).toBe(theirs.signature);
      verifyVoucher(network, { channelId: id, sum }, theirs.signature, config.payerAuthorizer);

      // A deposit that we signed is taken by their judge, and would be sent to the chain as our calldata.
      const deposit = signDeposit(
        network,
        config,
        {
          amount: one.deposited,
          validAfter: 0,
          validBefore: Math.floor(now / 1000) + 600,
          salt: one.depositSalt,
        },
        payer,
      );
      const requirements = requirementsOf(network, config, sum);
      const payload: BatchSettlementDepositPayload = {
        type: 'deposit',
        channelConfig: config,
        voucher: { channelId: id, maxClaimableAmount: sum.toString(), signature },
        deposit: {
          amount: one.deposited.toString(),
          authorization: {
            erc3009Authorization: {
              validAfter: deposit.validAfter.toString(),
              validBefore: deposit.validBefore.toString(),
              salt: deposit.salt,
              signature: deposit.signature,
            },
          },
        },
      };
      const onDeposit = createOracle({ balance: 0n, totalClaimed: 0n, wallet: one.deposited }, relay);
      const judged = await onDeposit.scheme.verify({ x402Version: 2, accepted: requirements, payload }, requirements);
      expect(judged).toMatchObject({ isValid: true });
      const ours = depositCall(network, config, deposit);
      expect(onDeposit.sent).toEqual([ours]);

      // A deposit that they signed is taken by us.
      const built = await createBatchSettlementEIP3009DepositPayload(
        ...([oracleSigner(payer), 2, requirements, config] as const),
        ...([one.deposited.toString(), sum.toString(), oracleSigner(session)] as const),
      );
      const made = built.payload as unknown as BatchSettlementDepositPayload;
      const authorization = made.deposit.authorization.erc3009Authorization!;
      verifyVoucher(network, { channelId: id, sum }, made.voucher.signature, config.payerAuthorizer);
      verifyDeposit(
        network,
        config,
        {
          amount: BigInt(made.deposit.amount),
          validAfter: Number(authorization.validAfter),
          validBefore: Number(authorization.validBefore),
          salt: authorization.salt,
          signature: authorization.signature,
        },
        now,
      );

      // A close: the claim and the refund, both signed by the relay's key, go out in one transaction as they would send it.
      const totalClaimed = part(sum, one.claimedShare);
      const refund = { channelId: id, nonce: one.refundNonce, amount: one.deposited - totalClaimed };
      const onClose = createOracle({ balance: one.deposited, totalClaimed: 0n, wallet: 0n }, relay);
      const close: BatchSettlementEnrichedRefundPayload = {
        type: 'refund',
        channelConfig: config,
        voucher: payload.voucher,
        amount: refund.amount.toString(),
        refundNonce: refund.nonce.toString(),
        claims: [
          {
            voucher: { channel: config, maxClaimableAmount: sum.toString() },
            signature,
            totalClaimed: totalClaimed.toString(),
          },
        ],
      };
      await onClose.scheme.settle({ x402Version: 2, accepted: requirements, payload: close }, requirements);
      const claimSignature = signClaimBatch(network, [{ channelId: id, sum, totalClaimed }], relay);
      const closing = multicall(network, [
        claimWithSignatureCall(network, [{ config, sum, signature, totalClaimed }], claimSignature),
        refundWithSignatureCall(network, config, { ...refund, signature: signRefund(network, refund, relay) }),
      ]);
      expect(onClose.sent.at(-1)).toEqual(closing);
    }),
    { numRuns: CASES, seed },
  );
});
