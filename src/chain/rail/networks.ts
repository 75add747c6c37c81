// The networks that payments work on, and everything that is fixed about each. Nothing else in the code names a chain id or a contract.
// What stands here is checked against the chain before anything is signed (network-check.ts).

import type { Hex } from '../../core/payment/hex.ts';

export type NetworkName = 'base' | 'base-sepolia' | 'devnet';

export type Network = {
  name: NetworkName;
  /** For people. */
  title: string;
  chainId: number;
  token: {
    address: Hex;
    symbol: string;
    decimals: number;
    /** EIP-712 domain of the token, without chain and address. USDC's name differs between networks. */
    domain: { name: string; version: string };
  };
  /** x402BatchSettlement, which holds the deposits. */
  escrow: Hex;
  /** ERC3009DepositCollector, which takes the payer's authorization to the token. */
  collector: Hex;
  /** RelayRegistry, the root of the directory. Undefined where none is known; a relay's configuration may name one. */
  registry: Hex | undefined;
  /** Undefined where there is none. A page of it is opened only when the person asks for it: it learns what they look at. */
  explorer: string | undefined;
};

/** CREATE2: the same on every chain. Source: x402-foundation/x402, contracts/evm. */
const ESCROW = '0x4020074e9df2ce1dee5a9c1b5c3f541d02a10003';
const COLLECTOR = '0x4020806089470a89826cb9fb1f4059150b550004';

export const NETWORKS: Readonly<Record<NetworkName, Network>> = {
  base: {
    name: 'base',
    title: 'Base',
    chainId: 8453,
    token: {
      address: '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913',
      symbol: 'USDC',
      decimals: 6,
      domain: { name: 'USD Coin', version: '2' },
    },
    escrow: ESCROW,
    collector: COLLECTOR,
    // Not deployed: it waits for an audit (contracts/README.md).
    registry: undefined,
    explorer: 'https://basescan.org',
  },
  'base-sepolia': {
    name: 'base-sepolia',
    title: 'Base Sepolia (test money)',
    chainId: 84532,
    token: {
      address: '0x036cbd53842c5426634e7929541ec2318f3dcf7e',
      symbol: 'USDC',
      decimals: 6,
      domain: { name: 'USDC', version: '2' },
    },
    escrow: ESCROW,
    collector: COLLECTOR,
    // Not deployed yet.
    registry: undefined,
    explorer: 'https://sepolia.basescan.org',
  },
  devnet: {
    name: 'devnet',
    title: 'this machine (play money)',
    // Of development chains: a signature made here is worth nothing on a chain with money.
    chainId: 31337,
    token: {
      address: '0xc0e7000000000000000000000000000000005dc0',
      symbol: 'USDC',
      decimals: 6,
      domain: { name: 'USDC', version: '2' },
    },
    escrow: ESCROW,
    collector: COLLECTOR,
    registry: '0xc0e7000000000000000000000000000000004e61',
    explorer: undefined,
  },
};
