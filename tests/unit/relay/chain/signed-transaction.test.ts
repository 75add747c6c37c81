import { SigningKey } from 'ethers/crypto';
import { Transaction } from 'ethers/transaction';
import { expect, test } from 'vitest';
import { signTransaction, whatNodesSay } from '../../../../relay/chain/signed-transaction.ts';
import { settleCall } from '../../../../src/chain/rail/calldata.ts';
import { NETWORKS } from '../../../../src/chain/rail/networks.ts';

const key = new SigningKey(`0x${'17'.repeat(32)}`);
const unsigned = {
  chainId: 84_532,
  nonce: 7,
  call: settleCall(NETWORKS['base-sepolia'], `0x${'ab'.repeat(20)}`),
  gas: 80_000n,
  fees: { maxFeePerGas: 3_000_000n, maxPriorityFeePerGas: 1_000_000n },
};

test('a transaction is for one chain and nonce, moves no ETH, and is the same when it is signed again', () => {
  const { raw, hash } = signTransaction(key, unsigned);
  const read = Transaction.from(raw);
  expect(read).toMatchObject({ type: 2, chainId: 84_532n, nonce: 7, value: 0n, gasLimit: 80_000n, hash });
  expect(read.to?.toLowerCase()).toBe(unsigned.call.to);
  expect(read.data).toBe(unsigned.call.data);
  expect(signTransaction(key, unsigned)).toEqual({ raw, hash });
});

test.each([
  ['already known', 'known'],
  ['AlreadyKnown', 'known'],
  ['nonce too low: next nonce 5, tx nonce 4', 'nonce-used'],
  ['Nonce is too low', 'nonce-used'],
  ['replacement transaction underpriced', 'cheap'],
  ['transaction underpriced: gas tip cap 1, minimum needed 2', 'cheap'],
  ['insufficient funds for gas * price + value', 'empty'],
  ['Insufficient funds for gas * price + value', 'empty'],
  ['execution reverted', undefined],
  ['method not found', undefined],
])('%s means %s', (words, meaning) => {
  expect(whatNodesSay(`call_failed: eth_sendRawTransaction: ${words}`)).toBe(meaning);
});
