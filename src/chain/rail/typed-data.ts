// EIP-712 for the few structs of this protocol: the digest that is signed and checked. Domain separators are computed once per network:
// that is two thirds of what ethers' own `TypedDataEncoder.hash` does for each voucher. Holds no key.

import { concat } from 'ethers/utils';
import { keccak256 } from 'ethers/crypto';
import { TypedDataEncoder } from 'ethers/hash';
import type { Hex } from '../../core/payment/hex.ts';
import type { Network } from './networks.ts';

export type Domain = { name: string; version: string; chainId: number; verifyingContract: Hex };

/** Of the escrow contract: `eip712Domain()` there says the same (EIP-5267). */
export function escrowDomain(network: Network): Domain {
  return { name: 'x402 Batch Settlement', version: '1', chainId: network.chainId, verifyingContract: network.escrow };
}

export function tokenDomain({ token, chainId }: Network): Domain {
  return { ...token.domain, chainId, verifyingContract: token.address };
}

/** Of what relays sign for clients and no contract reads. */
export function quoteDomain(network: Network): Domain {
  return { name: 'RelayPay', version: '1', chainId: network.chainId, verifyingContract: network.escrow };
}

/** The domain's hash, which the token shows as DOMAIN_SEPARATOR(). */
export function domainSeparator(domain: Domain): Hex {
  return TypedDataEncoder.hashDomain(domain) as Hex;
}

type Fields = Record<string, { name: string; type: string }[]>;

export type Struct = {
  /** keccak256 of the struct's type, as the contracts show it. */
  typeHash: Hex;
  /** What is signed: keccak256(0x1901, domain separator, hash of the struct). Throws where a value is not of its type. */
  digest: (network: Network, value: Record<string, unknown>) => Hex;
};

/** @param fields the struct and those that it holds, in the notation of EIP-712 */
export function defineStruct(domainOf: (network: Network) => Domain, fields: Fields): Struct {
  const encoder = TypedDataEncoder.from(fields);
  const prefixes = new WeakMap<Network, string>();
  return {
    typeHash: keccak256(new TextEncoder().encode(encoder.encodeType(encoder.primaryType))) as Hex,
    digest: (network, value) => {
      let prefix = prefixes.get(network);
      if (prefix === undefined) {
        prefix = concat(['0x1901', domainSeparator(domainOf(network))]);
        prefixes.set(network, prefix);
      }
      return keccak256(concat([prefix, encoder.hash(value)])) as Hex;
    },
  };
}
