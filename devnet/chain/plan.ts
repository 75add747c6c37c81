// Where the contracts stand on the devnet's chain: the escrow and its collector at the addresses that they have on every chain, token and registry at those
// that src/chain/rail/networks.ts knows.

import type { Hex } from './rpc.ts';

export type ChainPlan = {
  chainId: number;
  token: { address: Hex; decimals: number; domain: { name: string } };
  escrow: Hex;
  collector: Hex;
  /** The relays' registry; bond in base units of the token, delay in seconds. */
  registry: { address: Hex; bond: bigint; leaveDelayS: number };
};

/** What the extension and the relay know as the network "devnet". */
export const DEVNET_CHAIN: ChainPlan = {
  chainId: 31337,
  token: { address: '0xc0e7000000000000000000000000000000005dc0', decimals: 6, domain: { name: 'USDC' } },
  escrow: '0x4020074e9df2ce1dee5a9c1b5c3f541d02a10003',
  collector: '0x4020806089470a89826cb9fb1f4059150b550004',
  // A dollar of play money, which is less than what every entry of the devnet has; the shortest delay that the contract takes.
  registry: { address: '0xc0e7000000000000000000000000000000004e61', bond: 1_000_000n, leaveDelayS: 3600 },
};
