// The chain as the relay will meet it: each server of the configuration and the clock by what they say, the account's gas money, and the relay's entry of the registry. Never
// says a server's address: it may hold an access token. Used by relay/cli/check.ts.

import { ChainError } from '../../src/chain/rail/chain-error.ts';
import { checkNetwork } from '../../src/chain/rail/network-check.ts';
import { NETWORKS, type Network } from '../../src/chain/rail/networks.ts';
import { readRegistryEntry } from '../../src/chain/rail/registry.ts';
import { createRpc, type Rpc } from '../../src/chain/rpc.ts';
import { keyOfLabel } from '../../src/core/directory/peer-key.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { askNumber, readGasPrice, readHead } from '../chain/answers.ts';
import { feesFor, GAS_RULES } from '../chain/gas.ts';
import { ether } from '../cli/tables.ts';
import { utc } from '../registry/join-plan.ts';
import type { PaymentsConfig } from '../config/payments.ts';
import { note, wrong, type Finding } from './finding.ts';

export type ChainCheckInit = {
  payments: Pick<PaymentsConfig, 'network' | 'rpc' | 'registry'>;
  peer: PeerLabel;
  /** The payment key's; undefined where it cannot be read, which another check says. */
  account: Hex | undefined;
  /** What the registry should have; undefined where the configuration does not say. */
  addresses: Uint8Array | undefined;
  /** ms since the epoch */
  now: () => number;
};

/** Headers have whole seconds and come late; a clock that is further off makes descriptors and certificates untimely. */
const CLOCK_MS = 120_000;
/** 150 blocks of Base. */
const BEHIND_S = 300;
/** Some ten deposits: less is gone within an hour. */
const LEAST_GAS = 1_500_000n;
const TIMEOUT_MS = 10_000;

export async function checkChain(init: ChainCheckInit, signal: AbortSignal): Promise<Finding[]> {
  const network = NETWORKS[init.payments.network];
  const servers = await Promise.all(
    init.payments.rpc.map((url, index) => checkServer(url, index + 1, network, init, signal)),
  );
  const found = servers.flatMap((server) => server.found);
  const good = servers.find((server) => server.rpc !== undefined)?.rpc;
  if (good === undefined) return found;
  const [gas, entry] = await Promise.all([checkGas(good, network, init.account), checkEntry(good, network, init)]);
  return [...found, ...gas, ...entry];
}

async function checkServer(
  url: string,
  place: number,
  network: Network,
  { now }: ChainCheckInit,
  signal: AbortSignal,
): Promise<{ rpc?: Rpc; found: Finding[] }> {
  const who = `server ${place} of payments.rpc`;
  let date: string | null = null;
  const rpc = createRpc({
    url,
    timeoutMs: TIMEOUT_MS,
    fetch: async (target, options) => {
      const either = AbortSignal.any([signal, ...(options.signal ? [options.signal] : [])]);
      const response = await fetch(target, { ...options, signal: either });
      date = response.headers.get('date');
      return response;
    },
  });
  try {
    await checkNetwork(network, rpc.at('latest'));
    const { timestamp } = await readHead(rpc);
    const behind = Math.floor(now() / 1000) - timestamp;
    const stands = behind > BEHIND_S ? [note(`${who}: its newest block is ${behind} s old; it may be stuck`)] : [];
    return { rpc, found: [...clockFindings(who, date, timestamp, now()), ...stands] };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return { found: [wrong(`${who}: ${error.message}`)] };
  }
}

/** By the server's own clock, and where it has none by the chain's: a block is never from the future. */
function clockFindings(who: string, date: string | null, timestamp: number, now: number): Finding[] {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  const off = Number.isNaN(theirs) ? Math.min(0, now - timestamp * 1000) : now - theirs;
  if (Math.abs(off) <= CLOCK_MS) return [];
  const seconds = Math.round(Math.abs(off) / 1000);
  return [
    wrong(
      `the clock is ${seconds} s ${off > 0 ? 'ahead of' : 'behind'} ${who}: let NTP set it (timedatectl set-ntp true)`,
    ),
  ];
}

async function checkGas(rpc: Rpc, network: Network, account: Hex | undefined): Promise<Finding[]> {
  if (account === undefined) return [];
  const { cap } = GAS_RULES[network.name];
  const [held, price] = await Promise.all([askNumber(rpc, 'eth_getBalance', [account, 'latest']), readGasPrice(rpc)]);
  const least = LEAST_GAS * (feesFor(price, cap)?.maxFeePerGas ?? cap);
  if (held >= least) return [];
  return [wrong(`${account} has ${ether(held)} ETH for gas: send it ${ether(least - held)} more on ${network.title}`)];
}

async function checkEntry(rpc: Rpc, network: Network, init: ChainCheckInit): Promise<Finding[]> {
  const { peer, account, addresses } = init;
  const registry = init.payments.registry ?? network.registry;
  const key = keyOfLabel(peer);
  if (registry === undefined || account === undefined || key === undefined) return [];
  const entry = await rpc.at('latest').read(readRegistryEntry(registry, account, key));
  if (entry === undefined) return [note('the relay is not in the registry: conet-relay join')];
  if (entry.leavesAt !== undefined)
    return [note(`the relay leaves the registry at ${utc(entry.leavesAt)}: conet-relay join --stay ends that`)];
  if (addresses === undefined || Buffer.compare(entry.addresses, addresses) === 0) return [];
  return [wrong('the registry has other addresses than the configuration: conet-relay join --update')];
}
