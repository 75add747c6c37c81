// The devnet's chain: anvil with the doubles of the payment contracts where the canonical ones stand, the relays' registry, and a faucet. It is play money:
// nothing here may be pointed at a chain that is not of this machine.

import { AbiCoder, concat, Interface } from 'ethers';
import type { Lifeline } from '../lifeline.ts';
import { startAnvil, type Anvil } from './anvil.ts';
import { compileContracts, type Artifacts } from './compile.ts';
import { DEVNET_CHAIN, type ChainPlan } from './plan.ts';
import { connectRpc, parseHex, type Hex, type Rpc } from './rpc.ts';

/** Sends the faucet's transactions; anvil asks nobody for its signature. */
const FAUCET: Hex = '0xfa0ce70000000000000000000000000000000001';
/** 1,000,000 ETH of play money, in wei. */
const FAUCET_WEI = 10n ** 24n;

export type Chain = {
  plan: ChainPlan;
  /** HTTP and WebSocket of anvil, on loopback. */
  url: string;
  pid: number;
  artifacts: Artifacts;
  rpc: Rpc;
  /** @param amount base units of USDC */
  mint(to: Hex, amount: bigint): Promise<void>;
  /** Gas money, added to what is there, in wei. */
  addGas(to: Hex, wei: bigint): Promise<void>;
  /** So many blocks at once. Each is one second after the one before. */
  mine(blocks: number): Promise<void>;
  /** Moves the chain's clock forward and mines a block. */
  pass(seconds: number): Promise<void>;
  /** The last blocks never were; what was in them is gone, and as many empty ones stand in their place. */
  reorg(depth: number): Promise<void>;
  /** All of the chain, for `from` of another start: what a node still has when it comes back. */
  dump(): Promise<Hex>;
  running: Anvil['running'];
  close: Anvil['close'];
  /** SIGKILL; the whole chain is lost. */
  kill: Anvil['kill'];
};

export type ChainInit = {
  lifeline: Lifeline;
  /** Throw-away, the caller's to remove. */
  folder: string;
  plan?: ChainPlan;
  blockTimeS?: number;
  host?: string;
  port?: number;
  /** What `dump` of an earlier one gave. Left out: a new chain. */
  from?: Hex;
  onDeath?: (reason: string) => void;
};

/** @throws DevnetError `missing-foundry`, `contracts-failed`, `chain-died`, `chain-refused` */
export async function startChain({ plan = DEVNET_CHAIN, from, ...init }: ChainInit): Promise<Chain> {
  const artifacts = await compileContracts();
  const anvil = await startAnvil({ ...init, chainId: plan.chainId });
  const rpc = connectRpc(anvil.url);
  try {
    if (from === undefined) {
      await placeContracts(rpc, artifacts, plan);
      await rpc('anvil_setBalance', FAUCET, toQuantity(FAUCET_WEI));
    } else {
      await rpc('anvil_loadState', from);
    }
    await rpc('anvil_impersonateAccount', FAUCET);
  } catch (error) {
    await anvil.close();
    throw error;
  }
  const usdc = new Interface(JSON.stringify(artifacts.TestUSDC.abi));
  let minting: Promise<unknown> = Promise.resolve();
  return {
    ...anvil,
    plan,
    artifacts,
    rpc,
    mint: (to, amount) => {
      const data = usdc.encodeFunctionData('mint', [to, amount]);
      const send = () => rpc('eth_sendTransactionSync', { from: FAUCET, to: plan.token.address, data });
      // One after another, whatever became of the one before: anvil gives two that come at once the same nonce.
      minting = minting.then(send, send);
      return minting.then(() => undefined);
    },
    addGas: async (to, wei) => {
      const before = BigInt(parseHex(await rpc('eth_getBalance', to, 'latest')));
      await rpc('anvil_setBalance', to, toQuantity(before + wei));
    },
    mine: async (blocks) => {
      await rpc('anvil_mine', toQuantity(BigInt(blocks)));
    },
    pass: async (seconds) => {
      await rpc('evm_increaseTime', seconds);
      await rpc('evm_mine');
    },
    reorg: async (depth) => {
      await rpc('anvil_reorg', depth, []);
    },
    dump: async () => parseHex(await rpc('anvil_dumpState', true)),
  };
}

/**
 * Runs each constructor in a call, which leaves nothing on the chain, and puts the code it returned where the plan says. Compiled
 * runtime code would not do: names and hashes of the EIP-712 domain are written into it by the constructor.
 */
async function placeContracts(rpc: Rpc, artifacts: Artifacts, plan: ChainPlan): Promise<void> {
  const coder = AbiCoder.defaultAbiCoder();
  const { address, decimals, domain } = plan.token;
  await place(plan.escrow, artifacts.BatchSettlementDouble.creationCode);
  const collector = [artifacts.ERC3009DepositCollectorDouble.creationCode, coder.encode(['address'], [plan.escrow])];
  await place(plan.collector, concat(collector));
  await place(
    address,
    concat([artifacts.TestUSDC.creationCode, coder.encode(['string', 'uint8'], [domain.name, decimals])]),
  );
  const { bond, leaveDelayS } = plan.registry;
  const terms = coder.encode(['address', 'uint96', 'uint40'], [address, bond, leaveDelayS]);
  await place(plan.registry.address, concat([artifacts.RelayRegistry.creationCode, terms]));

  async function place(where: Hex, creation: string): Promise<void> {
    const code = parseHex(await rpc('eth_call', { data: creation }, 'latest'));
    await rpc('anvil_setCode', where, code);
  }
}

function toQuantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
