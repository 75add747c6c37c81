// The devnet's chain with @x402/evm as the oracle: the library's own client and facilitator work on our doubles unchanged, and
// everything that must be refused is. The process of anvil ends when it is told to, and when nobody is left to tell it.

import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/facilitator';
import {
  computeChannelId,
  createBatchSettlementEIP3009DepositPayload,
  signVoucher,
} from '@x402/evm/batch-settlement/client';
import { Contract, hexlify, JsonRpcProvider, Wallet, type BaseWallet, type TransactionResponse } from 'ethers';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import { runDevnetProgram } from '../support/devnet-process.ts';
import { hex, refusalOf, x402Facilitator, x402Signer, type Hex } from '../support/x402.ts';

const NETWORK = 'eip155:31337';
const DAY_S = 86_400;
const ONE = 1_000_000n;

type Config = Parameters<typeof computeChannelId>[0];
type Claim = { voucher: { channel: Config; maxClaimableAmount: bigint }; signature: Hex; totalClaimed: bigint };

let folder: string;
let lifeline: Lifeline;
let chain: Chain;
let provider: JsonRpcProvider;
let escrow: Contract;
let token: Contract;
/** Named by what was done; printed at the end. */
const gas: Record<string, bigint> = {};

const relay = Wallet.createRandom();
const stranger = Wallet.createRandom();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chain-'));
  lifeline = createLifeline();
  chain = await startChain({ lifeline, folder });
  // Nothing is cached: a test reads what it just wrote.
  provider = new JsonRpcProvider(chain.url, chain.plan.chainId, { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = 50;
  const sender = relay.connect(provider);
  escrow = new Contract(chain.plan.escrow, chain.artifacts.BatchSettlementDouble.abi, sender);
  token = new Contract(chain.plan.token.address, chain.artifacts.TestUSDC.abi, sender);
  await chain.addGas(hex(relay.address), 10n ** 18n);
});
afterAll(async () => {
  console.log(
    `gas: ${Object.entries(gas)
      .map(([what, used]) => `${what} ${used}`)
      .join(', ')}`,
  );
  provider.destroy();
  await chain.close();
  await lifeline.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the oracle and the chain agree', () => {
  const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => hex(hexlify(bytes)));
  const configs = fc.record({
    payer: address,
    payerAuthorizer: address,
    receiver: address,
    receiverAuthorizer: address,
    token: address,
    withdrawDelay: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
    salt: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hex(hexlify(bytes))),
  });

  test('on the id of any channel', async () => {
    await fc.assert(
      fc.asyncProperty(configs, async (config) => {
        expect(await escrow.getFunction('getChannelId')(config)).toBe(computeChannelId(config, NETWORK));
      }),
      { numRuns: 50 },
    );
  });

  test('on the domains', async () => {
    const [, name, version, chainId, contract] = await domainOf(escrow);
    expect([name, version, chainId, contract.toLowerCase()]).toEqual([
      'x402 Batch Settlement',
      '1',
      31337n,
      chain.plan.escrow,
    ]);
    const [, ...ofToken] = await domainOf(token);
    expect(ofToken.slice(0, 3)).toEqual(['USDC', '2', 31337n]);
  });
});

describe("a channel through the oracle's own client and facilitator", () => {
  const payer = Wallet.createRandom();
  const session = Wallet.createRandom();
  let config: Config;
  let facilitator: BatchSettlementEvmScheme;

  beforeAll(async () => {
    config = configOf(payer, session);
    facilitator = new BatchSettlementEvmScheme(x402Facilitator(provider, relay), x402Signer(relay));
    await chain.mint(hex(payer.address), 10n * ONE);
  });

  test('its deposit is verified and accepted; the payer has no gas', async () => {
    const made = await createBatchSettlementEIP3009DepositPayload(
      x402Signer(payer),
      2,
      requirements(config),
      config,
      String(5n * ONE),
      '1000',
      x402Signer(session),
    );
    const envelope = { ...made, accepted: requirements(config) };
    expect(await facilitator.verify(envelope, requirements(config))).toMatchObject({ isValid: true });
    expect(await settle(made.payload)).toMatchObject({ success: true, amount: String(5n * ONE) });
    expect(await channelOf(config)).toEqual({ balance: 5n * ONE, totalClaimed: 0n });
    expect(await provider.getBalance(payer.address)).toBe(0n);
  });

  test('its voucher is claimed and settled', async () => {
    const claims = [await claimOf(config, session, 2n * ONE, 2n * ONE)];
    expect(await settle({ type: 'claim', claims: claims.map(toText) })).toMatchObject({ success: true });
    expect(await channelOf(config)).toEqual({ balance: 5n * ONE, totalClaimed: 2n * ONE });
    expect(await balanceOf(relay.address)).toBe(0n);
    const settled = await settle({ type: 'settle', receiver: relay.address, token: chain.plan.token.address });
    expect(settled).toMatchObject({ success: true });
    expect(await balanceOf(relay.address)).toBe(2n * ONE);
  });

  test('claim and refund go in one transaction that anyone sends', async () => {
    const claim = await claimOf(config, session, 3n * ONE, 3n * ONE);
    const refunded = await settle({
      type: 'refund',
      channelConfig: config,
      voucher: {
        channelId: computeChannelId(config, NETWORK),
        maxClaimableAmount: String(3n * ONE),
        signature: claim.signature,
      },
      amount: String(2n * ONE),
      refundNonce: '0',
      claims: [toText(claim)],
    });
    expect(refunded).toMatchObject({ success: true, amount: String(2n * ONE) });
    expect(await balanceOf(payer.address)).toBe(7n * ONE);
    expect(await provider.getBalance(payer.address)).toBe(0n);
  });

  /** The facilitator's answer says why it failed, which a test wants to show. */
  async function settle(payload: Record<string, unknown>): Promise<unknown> {
    return await facilitator.settle({ x402Version: 2, accepted: requirements(config), payload }, requirements(config));
  }
});

test('nineteen channels are claimed in one transaction, and settled in one more', async () => {
  const [payer, session] = [Wallet.createRandom(), Wallet.createRandom()];
  // What tests before this one claimed.
  await send('settle', 'settle', relay.address, chain.plan.token.address);
  const before = await balanceOf(relay.address);
  await chain.mint(hex(payer.address), 19n * ONE);
  const claims: Claim[] = [];
  for (let i = 0; i < 19; i++) {
    const config = configOf(payer, session);
    await deposit(config, payer, ONE);
    claims.push(await claimOf(config, session, ONE, ONE));
  }
  await send('claim of 19', 'claim', claims);
  await send('settle', 'settle', relay.address, chain.plan.token.address);
  expect(await balanceOf(relay.address)).toBe(before + 19n * ONE);
});

test('a deposit is safe one block after its own', async () => {
  const number = async (tag: string): Promise<number> => (await provider.getBlock(tag))!.number;
  const before = await number('latest');
  await chain.mint(hex(stranger.address), ONE);
  expect(await number('safe')).toBeLessThanOrEqual(before);
  await chain.mine(1);
  expect(await number('safe')).toBe(before + 1);
});

test('after a reorganization the deposit is gone, and its signature still good', async () => {
  const payer = Wallet.createRandom();
  const config = configOf(payer, Wallet.createRandom());
  await chain.mint(hex(payer.address), ONE);
  const words = await depositWords(config, payer, ONE);
  await send('deposit', 'deposit', ...words);
  await chain.reorg(1);
  expect((await channelOf(config)).balance).toBe(0n);
  await send('deposit', 'deposit', ...words);
  expect((await channelOf(config)).balance).toBe(ONE);
});

// Its last test moves the clock of the chain; the library signs by the clock of the machine, so what deposits comes before.
describe('what an attacker would try', () => {
  const payer = Wallet.createRandom();
  const session = Wallet.createRandom();
  let config: Config;

  beforeEach(async () => {
    config = configOf(payer, session);
    await chain.mint(hex(payer.address), 5n * ONE);
    await deposit(config, payer, 5n * ONE);
  });

  test('a replayed voucher books nothing, and a lower one after it neither', async () => {
    const claim = await claimOf(config, session, 2n * ONE, 2n * ONE);
    await send('claim', 'claim', [claim]);
    await send('claim replayed', 'claim', [claim]);
    await send('claim replayed', 'claim', [await claimOf(config, session, ONE, ONE)]);
    expect((await channelOf(config)).totalClaimed).toBe(2n * ONE);
  });

  test.each([
    ['more than was signed', 2n * ONE, 2n * ONE + 1n, 'ClaimExceedsCeiling'],
    ['more than was deposited', 9n * ONE, 5n * ONE + 1n, 'ClaimExceedsBalance'],
  ])('a claim of %s is refused', async (_, maximum, total, error) => {
    expect(await refusal('claim', [await claimOf(config, session, maximum, total)])).toBe(error);
  });

  test('a voucher of another key, of another channel, or with a raised maximum is refused', async () => {
    const other = await claimOf(configOf(payer, session), session, ONE, ONE);
    const foreign = { ...other, voucher: { ...other.voucher, channel: config } };
    const raised = await claimOf(config, session, ONE, ONE);
    raised.voucher.maxClaimableAmount += 1n;
    for (const wrong of [await claimOf(config, stranger, ONE, ONE), foreign, raised]) {
      expect(await refusal('claim', [wrong])).toBe('InvalidSignature');
    }
  });

  test('a deposit is taken once', async () => {
    await chain.mint(hex(payer.address), 5n * ONE);
    const words = await depositWords(config, payer, 5n * ONE);
    await send('top-up', 'deposit', ...words);
    // The token's error, which the escrow does not know: told by its selector.
    const used = token.interface.getError('ERC3009UsedAuthorization')!.selector;
    await expect(escrow.getFunction('deposit').staticCall(...words)).rejects.toMatchObject({
      data: expect.stringContaining(used) as string,
    });
    expect((await channelOf(config)).balance).toBe(10n * ONE);
  });

  test('a signed refund goes to the payer and works once', async () => {
    const before = await balanceOf(payer.address);
    const id = computeChannelId(config, NETWORK);
    const digestSigned = await relay.signTypedData(
      { name: 'x402 Batch Settlement', version: '1', chainId: 31337, verifyingContract: chain.plan.escrow },
      {
        Refund: [
          { name: 'channelId', type: 'bytes32' },
          { name: 'nonce', type: 'uint256' },
          { name: 'amount', type: 'uint128' },
        ],
      },
      { channelId: id, nonce: 0, amount: ONE },
    );
    await send('refund', 'refundWithSignature', config, ONE, 0, digestSigned);
    expect(await balanceOf(payer.address)).toBe(before + ONE);
    expect(await refusal('refundWithSignature', config, ONE, 0, digestSigned)).toBe('InvalidRefundNonce');
    expect(await refusal('refundWithSignature', config, ONE, 1, digestSigned)).toBe('InvalidSignature');
  });

  test('the payer leaves alone, after the delay and not before; the relay claims until then', async () => {
    const before = await balanceOf(payer.address);
    await chain.addGas(hex(session.address), 10n ** 18n);
    const asPayer = new Contract(chain.plan.escrow, escrow.interface, session.connect(provider));
    await sent('withdrawal begun', asPayer, 'initiateWithdraw', config, 5n * ONE);
    expect(await refusal('finalizeWithdraw', config)).toBe('NotAuthorizedToFinalizeWithdraw');
    expect(await refusalOf(asPayer, asPayer.getFunction('finalizeWithdraw').staticCall(config))).toBe(
      'WithdrawDelayNotElapsed',
    );
    await send('claim', 'claim', [await claimOf(config, session, 2n * ONE, 2n * ONE)]);
    await chain.pass(DAY_S);
    await sent('withdrawal ended', asPayer, 'finalizeWithdraw', config);
    expect(await balanceOf(payer.address)).toBe(before + 3n * ONE);
    expect(await refusal('claim', [await claimOf(config, session, 5n * ONE, 5n * ONE)])).toBe('ClaimExceedsBalance');
  });
});

test('a chain that was killed comes back with its blocks, its money and its receipts', async () => {
  const first = await startChain({ lifeline, folder });
  await first.mint(hex(stranger.address), ONE);
  await first.mine(3);
  const { hash } = (await first.rpc('eth_getBlockByNumber', '0x1', true)) as { hash: Hex; transactions: unknown[] };
  const from = await first.dump();
  await first.kill();
  expect(isAlive(first.pid)).toBe(false);
  const again = await startChain({ lifeline, folder, from, port: Number(new URL(first.url).port) });
  expect(again.url).toBe(first.url);
  const data = token.interface.encodeFunctionData('balanceOf', [stranger.address]);
  const held = await again.rpc('eth_call', { to: chain.plan.token.address, data }, 'latest');
  expect(BigInt(held as Hex)).toBe(ONE);
  expect(await again.rpc('eth_blockNumber')).toBe('0x4');
  expect(await again.rpc('eth_getBlockByNumber', '0x1', true)).toMatchObject({ hash });
  await again.mint(hex(stranger.address), ONE);
  await again.close();
});

test('close ends this very anvil, and it is not started on a port in use', async () => {
  const second = await startChain({ lifeline, folder });
  await expect(startChain({ lifeline, folder, port: Number(new URL(second.url).port) })).rejects.toMatchObject({
    code: 'chain-died',
  });
  await second.close();
  expect(second.running()).toBe(false);
  expect(isAlive(second.pid)).toBe(false);
  expect(isAlive(chain.pid)).toBe(true);
});

test('a killed parent leaves no anvil behind', async () => {
  const parent = runDevnetProgram('../tests/support/chain-parent.ts', [folder], {});
  const pid = Number(await parent.line((line) => /^\d+$/.test(line)));
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await parent.ended;
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

function configOf(payer: BaseWallet, session: BaseWallet): Config {
  return {
    payer: hex(payer.address),
    payerAuthorizer: hex(session.address),
    receiver: hex(relay.address),
    receiverAuthorizer: hex(relay.address),
    token: chain.plan.token.address,
    withdrawDelay: DAY_S,
    salt: hex(Wallet.createRandom().privateKey),
  };
}

function requirements(config: Config): Parameters<typeof createBatchSettlementEIP3009DepositPayload>[2] {
  return {
    scheme: 'batch-settlement',
    network: NETWORK,
    asset: config.token,
    amount: '1000',
    payTo: config.receiver,
    maxTimeoutSeconds: 3600,
    extra: { name: 'USDC', version: '2', receiverAuthorizer: config.receiverAuthorizer, withdrawDelay: DAY_S },
  };
}

async function claimOf(config: Config, by: BaseWallet, maximum: bigint, total: bigint): Promise<Claim> {
  const id = computeChannelId(config, NETWORK);
  const { signature } = await signVoucher(x402Signer(by), id, String(maximum), NETWORK);
  return { voucher: { channel: config, maxClaimableAmount: maximum }, signature, totalClaimed: total };
}

/** As the library carries it: amounts are decimal strings. */
function toText({ voucher, signature, totalClaimed }: Claim): Record<string, unknown> {
  return {
    voucher: { channel: voucher.channel, maxClaimableAmount: String(voucher.maxClaimableAmount) },
    signature,
    totalClaimed: String(totalClaimed),
  };
}

/** The arguments of `deposit`, signed by the library. */
async function depositWords(config: Config, payer: BaseWallet, amount: bigint): Promise<unknown[]> {
  const signer = x402Signer(payer);
  const made = await createBatchSettlementEIP3009DepositPayload(
    signer,
    2,
    requirements(config),
    config,
    String(amount),
    '0',
  );
  const { erc3009Authorization: signed } = (
    made.payload as { deposit: { authorization: { erc3009Authorization: Record<string, string> } } }
  ).deposit.authorization;
  const { validAfter, validBefore, salt, signature } = signed;
  const data = escrow.interface
    .getAbiCoder()
    .encode(['uint256', 'uint256', 'uint256', 'bytes'], [validAfter, validBefore, salt, signature]);
  return [config, amount, chain.plan.collector, data];
}

async function deposit(config: Config, payer: BaseWallet, amount: bigint): Promise<void> {
  await send('deposit', 'deposit', ...(await depositWords(config, payer, amount)));
}

function send(what: string, method: string, ...words: unknown[]): Promise<void> {
  return sent(what, escrow, method, ...words);
}

async function sent(what: string, contract: Contract, method: string, ...words: unknown[]): Promise<void> {
  const response = (await contract.getFunction(method).send(...words)) as TransactionResponse;
  const receipt = await response.wait();
  gas[what] = receipt!.gasUsed;
}

function refusal(method: string, ...words: unknown[]): Promise<string> {
  return refusalOf(escrow, escrow.getFunction(method).staticCall(...words));
}

async function channelOf(config: Config): Promise<{ balance: bigint; totalClaimed: bigint }> {
  const [balance, totalClaimed] = (await escrow.getFunction('channels')(computeChannelId(config, NETWORK))) as bigint[];
  return { balance: balance!, totalClaimed: totalClaimed! };
}

async function balanceOf(address: string): Promise<bigint> {
  return (await token.getFunction('balanceOf')(address)) as bigint;
}

async function domainOf(contract: Contract): Promise<[string, string, string, bigint, string]> {
  return (await contract.getFunction('eip712Domain')()) as [string, string, string, bigint, string];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
