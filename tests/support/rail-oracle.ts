// `@x402/evm` as the oracle of the rail: its own client signs with our keys, its own facilitator judges what we signed. What it would read from a chain is
// answered from `ChannelOnPaper`, and what it would send is kept; the real chain is tests/integration/chain.test.ts.

import { AbiCoder, Interface, Wallet, type InterfaceAbi, type SigningKey, type TypedDataField } from 'ethers';
import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/facilitator';
import type { ClientEvmSigner } from '@x402/evm';
import type { ChannelConfig } from '../../src/core/payment/channel.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { Network } from '../../src/chain/rail/networks.ts';

type FacilitatorEvmSigner = ConstructorParameters<typeof BatchSettlementEvmScheme>[0];
export type Requirements = Parameters<BatchSettlementEvmScheme['verify']>[1];

export function requirementsOf(network: Network, config: ChannelConfig, amount: bigint): Requirements {
  return {
    scheme: 'batch-settlement',
    network: `eip155:${network.chainId}`,
    asset: config.token,
    amount: amount.toString(),
    payTo: config.receiver,
    maxTimeoutSeconds: 600,
    extra: {
      ...network.token.domain,
      receiverAuthorizer: config.receiverAuthorizer,
      withdrawDelay: config.withdrawDelay,
    },
  };
}

/** A signer for the library's client, with a key of ours. */
export function oracleSigner(key: SigningKey): ClientEvmSigner {
  const wallet = new Wallet(key);
  return {
    address: wallet.address as Hex,
    signTypedData: async ({ domain, types, message }) =>
      (await wallet.signTypedData(domain, types as Record<string, TypedDataField[]>, message)) as Hex,
  };
}

export type Sent = { to: string; data: string };

type ContractCall = { address: string; abi: readonly unknown[]; functionName: string; args?: readonly unknown[] };

/** What the chain says of one channel, and of its payer. */
export type ChannelOnPaper = { balance: bigint; totalClaimed: bigint; wallet: bigint };

/** The library's judge of what clients send, and a list of what it would have simulated or sent itself. */
export function createOracle(
  channel: ChannelOnPaper,
  receiverAuthorizer: SigningKey,
): { scheme: BatchSettlementEvmScheme; sent: Sent[] } {
  const sent: Sent[] = [];
  const keep = ({ address, abi, functionName, args = [] }: ContractCall): void => {
    const data = new Interface(abi as InterfaceAbi).encodeFunctionData(functionName, [...args]);
    sent.push({ to: address.toLowerCase(), data });
  };
  const word = (...values: bigint[]): string =>
    AbiCoder.defaultAbiCoder().encode(
      values.map(() => 'uint256'),
      values,
    );
  const views: Record<string, string> = {
    channels: word(channel.balance, channel.totalClaimed),
    balanceOf: word(channel.wallet),
    pendingWithdrawals: word(0n, 0n),
    refundNonce: word(0n),
  };
  const selectors = new Interface([
    'function channels(bytes32)',
    'function balanceOf(address)',
    'function pendingWithdrawals(bytes32)',
    'function refundNonce(bytes32)',
  ]);
  const unexpected = async (): Promise<never> => Promise.reject(new Error('not asked in these tests'));
  const reader: FacilitatorEvmSigner = {
    getAddresses: () => ['0x00000000000000000000000000000000000000aa'],
    readContract: async (call) => {
      if (call.functionName !== 'tryAggregate') {
        keep(call);
        return undefined;
      }
      const calls = call.args?.[1] as { callData: string }[];
      return calls.map(({ callData }) => ({
        success: true,
        returnData: views[selectors.getFunction(callData.slice(0, 10))?.name ?? ''],
      }));
    },
    getCode: async () => '0x',
    writeContract: async (call) => {
      keep(call);
      return `0x${'ab'.repeat(32)}`;
    },
    waitForTransactionReceipt: async () => ({ status: 'success', logs: [] }),
    verifyTypedData: unexpected,
    sendTransaction: unexpected,
  };
  return { scheme: new BatchSettlementEvmScheme(reader, oracleSigner(receiverAuthorizer)), sent };
}
