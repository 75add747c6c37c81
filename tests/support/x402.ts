// The parties of @x402/evm, on ethers: the library is the oracle of what our contracts and our own code must speak. It wants
// viem's way of reading a contract; nothing else is put between it and the chain.

import type { FacilitatorEvmSigner } from '@x402/evm';
import {
  concat,
  getBytes,
  Interface,
  verifyTypedData,
  type BaseWallet,
  type Contract,
  type InterfaceAbi,
  type JsonRpcProvider,
  type TypedDataField,
} from 'ethers';

export type Hex = `0x${string}`;
type TypedMessage = {
  domain: Record<string, unknown>;
  types: Record<string, unknown>;
  primaryType: string;
  message: Record<string, unknown>;
};
type Read = { address: Hex; abi: readonly unknown[]; functionName: string; args?: readonly unknown[] };

/** Reads many at once on other chains; here each is read by itself. */
const MULTICALL3 = '0xca11bde05977b3631167028862be2a173976ca11';

export type X402Signer = { address: Hex; signTypedData(message: TypedMessage): Promise<Hex> };

export function x402Signer(wallet: BaseWallet): X402Signer {
  return {
    address: hex(wallet.address),
    signTypedData: async ({ domain, types, message }) =>
      hex(await wallet.signTypedData(domain, types as Record<string, TypedDataField[]>, message)),
  };
}

/** Whoever submits to the chain and pays the gas. */
export function x402Facilitator(provider: JsonRpcProvider, wallet: BaseWallet): FacilitatorEvmSigner {
  const sender = wallet.connect(provider);
  const call = async (to: string, data: string): Promise<string> =>
    await provider.call({ to, data, from: sender.address });
  return {
    getAddresses: () => [hex(sender.address)],
    getCode: async ({ address }) => hex(await provider.getCode(address)),
    verifyTypedData: async ({ address, domain, types, message, signature }) =>
      verifyTypedData(domain, types as Record<string, TypedDataField[]>, message, signature) === address,
    readContract: async ({ address, abi, functionName, args = [] }: Read) => {
      if (address.toLowerCase() === MULTICALL3) {
        const calls = args[1] as { target: string; callData: string }[];
        return await Promise.all(
          calls.map(async ({ target, callData }) => ({ success: true, returnData: await call(target, callData) })),
        );
      }
      const shape = new Interface(abi as InterfaceAbi);
      const data = shape.encodeFunctionData(functionName, args);
      const found = shape.decodeFunctionResult(functionName, await call(address, data));
      return found.length === 1 ? (found[0] as unknown) : found.toArray();
    },
    writeContract: async ({ address, abi, functionName, args, dataSuffix = '0x' }) => {
      const data = new Interface(abi as InterfaceAbi).encodeFunctionData(functionName, args);
      return hex((await sender.sendTransaction({ to: address, data: concat([data, dataSuffix]) })).hash);
    },
    sendTransaction: async ({ to, data }) => hex((await sender.sendTransaction({ to, data })).hash),
    waitForTransactionReceipt: async ({ hash }) => {
      const receipt = await provider.waitForTransaction(hash);
      return { status: receipt?.status === 1 ? 'success' : 'reverted' };
    },
  };
}

/** The name of the error that a call of ours was refused with. */
export async function refusalOf(contract: Contract, promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    const data = error instanceof Error && 'data' in error ? error.data : undefined;
    if (typeof data === 'string' && getBytes(data).length >= 4)
      return contract.interface.parseError(data)?.name ?? data;
    throw error;
  }
  throw new Error('it was not refused');
}

export function hex(text: string): Hex {
  return text as Hex;
}
