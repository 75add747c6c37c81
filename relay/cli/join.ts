// `conet-relay join`: lists the relay in the registry with its bond, changes the entry, or takes it out. Says what it costs first; sends only with --yes. It writes the
// ledger, so the relay must not run meanwhile.

import { NETWORKS, type Network } from '../../src/chain/rail/networks.ts';
import {
  readAllowance,
  readBond,
  readLeaveDelay,
  readRegistryEntry,
  readRegistryToken,
} from '../../src/chain/rail/registry.ts';
import { readTokenBalance } from '../../src/chain/rail/reads.ts';
import { keyOfLabel } from '../../src/core/directory/peer-key.ts';
import { askNumber, readGasPrice, readHead } from '../chain/answers.ts';
import { feesFor, GAS_RULES } from '../chain/gas.ts';
import { createServers, type Servers } from '../chain/servers.ts';
import { ConfigError } from '../config/load.ts';
import { formatHostPort, type RelayConfig } from '../config/schema.ts';
import { loadIdentity } from '../identity.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { openLedger, type Ledger } from '../ledger/ledger.ts';
import { loadPaymentKey, type PaymentKey } from '../payment-key.ts';
import { createRegistrySender } from '../registry/carry-out.ts';
import {
  JoinError,
  planJoin,
  utc,
  type JoinPlan,
  type JoinStep,
  type JoinSubject,
  type RegistryState,
} from '../registry/join-plan.ts';
import { ownAddresses, type OwnAddresses } from '../registry/own-addresses.ts';
import { ether, units } from './tables.ts';

export type JoinOutcome = {
  /** What was asked for is so now. */
  done: boolean;
  lines: string[];
  /** What is in the way, one line each. */
  missing: string[];
};

/** Throws `JoinError`, `ConfigError`, `ChainError`, `SenderError`, `LedgerError`, `KeyFileError`. */
export async function join(config: RelayConfig, { step, yes }: { step: JoinStep; yes: boolean }): Promise<JoinOutcome> {
  const { payments, ledger: path } = config;
  if (payments === undefined || path === undefined)
    throw new ConfigError(['payments: is missing; the account that it names pays the bond and the gas']);
  const network = NETWORKS[payments.network];
  const registry = payments.registry ?? network.registry;
  if (registry === undefined)
    throw new ConfigError([`payments.registry: is missing; no registry is known on ${network.title} yet`]);
  const { label } = await loadIdentity(config.identity);
  const own = ownAddresses(config, label);
  const key = await loadPaymentKey(payments.key);
  const subject = { network, registry, payee: key.address, key: keyOf(label), addresses: own.bytes };
  const servers = createServers({ network, urls: payments.rpc, fetch });
  if ((await servers.check()) === 0) throw new JoinError('no server of payments.rpc answers');
  if ((await servers.at('latest').read(readRegistryToken(registry))) !== network.token.address)
    throw new JoinError(`the bonds of the registry ${registry} are in another token than ${network.token.symbol}`);

  const head = [`relay ${label}`, `registry ${registry} on ${network.title}`];
  if (!yes) {
    const state = await readState(servers, subject);
    const plan = planJoin(step, state, subject);
    if (plan.does === 'nothing') return { done: true, lines: [...head, plan.why], missing: [] };
    const last = plan.missing.length === 0 ? ['nothing was sent; to do it, run it again with --yes'] : [];
    return {
      done: false,
      lines: [...head, ...costLines(step, plan, state, subject, own), ...last],
      missing: plan.missing,
    };
  }
  const ledger = open(path, config.entry !== undefined);
  try {
    const done = await carryOut(step, { servers, subject, ledger, key, own });
    return { ...done, lines: [...head, ...done.lines] };
  } finally {
    ledger.close();
  }
}

type CarryOutInit = { servers: Servers; subject: JoinSubject; ledger: Ledger; key: PaymentKey; own: OwnAddresses };

async function carryOut(step: JoinStep, { servers, subject, ledger, key, own }: CarryOutInit): Promise<JoinOutcome> {
  const sender = await createRegistrySender({ network: subject.network, servers, ledger, key });
  // What a run before this one sent may be all that is wanted.
  await sender.settle();
  const state = await readState(servers, subject);
  const plan = planJoin(step, state, subject);
  if (plan.does === 'nothing') return { done: true, lines: [plan.why], missing: [] };
  const lines = costLines(step, plan, state, subject, own);
  if (plan.missing.length > 0) return { done: false, lines, missing: plan.missing };
  for (const work of plan.works) {
    const { hash, block } = await sender.carryOut(work);
    lines.push(`${work.name}: in block ${block ?? '?'}, ${hash}`);
  }
  const { entry } = await readState(servers, subject);
  return { done: true, lines: [...lines, outcome(step, entry?.leavesAt, state, subject.network)], missing: [] };
}

async function readState(servers: Servers, { network, registry, payee, key }: JoinSubject): Promise<RegistryState> {
  const reader = servers.at('latest');
  const [entry, bond, leaveDelayS, allowance, held, gasMoney, price, { timestamp }] = await Promise.all([
    reader.read(readRegistryEntry(registry, payee, key)),
    reader.read(readBond(registry)),
    reader.read(readLeaveDelay(registry)),
    reader.read(readAllowance(network.token.address, payee, registry)),
    reader.read(readTokenBalance(network, payee)),
    askNumber(servers, 'eth_getBalance', [payee, 'latest']),
    readGasPrice(servers),
    readHead(servers),
  ]);
  const fees = feesFor(price, GAS_RULES[network.name].cap);
  return { entry, bond, leaveDelayS, allowance, held, gasMoney, fees, time: timestamp };
}

function costLines(
  step: JoinStep,
  { works, bond, gasWei }: Extract<JoinPlan, { does: 'send' }>,
  { leaveDelayS, gasMoney, held }: RegistryState,
  { network: { token }, payee }: JoinSubject,
  own: OwnAddresses,
): string[] {
  const names = works.map(({ name }) => name).join(' and ');
  const shows = step === 'register' || step === 'update';
  return [
    ...(shows ? addressLines(own) : []),
    ...(bond === 0n
      ? []
      : [
          `bond ${units(bond)} ${token.symbol} from ${payee}, which has ${units(held)}; it can be had back ${duration(leaveDelayS)} after conet-relay join --leave`,
        ]),
    ...(gasWei === undefined
      ? []
      : [`gas at most ${ether(gasWei)} ETH, for ${names}; the account has ${ether(gasMoney)}`]),
  ];
}

function addressLines({ workers, relays, over }: OwnAddresses): string[] {
  const spell = ({ address: host, port }: { address: string; port: number }): string => formatHostPort({ host, port });
  return [
    ...workers.map((worker) => `listed for browsers: ${spell(worker)}, by its name in ${worker.zone}`),
    ...relays.map((relay) => `listed for relays: ${spell(relay)}`),
    ...(workers.length === 0 ? ['listed without addresses: an exit dials its entries, nobody dials it'] : []),
    ...(over === 0 ? [] : [`${over} more found no room; its descriptor has them all`]),
  ];
}

function outcome(step: JoinStep, leavesAt: number | undefined, { bond }: RegistryState, { token }: Network): string {
  switch (step) {
    case 'register':
      return 'the relay is registered';
    case 'update':
      return 'the addresses are changed';
    case 'leave':
      return `it leaves: from ${utc(leavesAt ?? 0)} on conet-relay join --withdraw pays the bond back`;
    case 'stay':
      return 'it stays';
    case 'withdraw':
      return `the bond of ${units(bond)} ${token.symbol} is paid back; the relay is not registered any more`;
  }
}

function duration(seconds: number): string {
  const hours = Math.round(seconds / 3600);
  return hours % 24 === 0 ? `${hours / 24} days` : `${hours} h`;
}

function keyOf(label: string): Uint8Array {
  const key = keyOfLabel(label);
  if (key === undefined) throw new JoinError('the relay’s key is of another kind than the registry takes');
  return key;
}

function open(path: string, entry: boolean): Ledger {
  try {
    return openLedger({ path, entry });
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === 'locked')) throw error;
    throw new JoinError(`${error.message}; stop the relay for this, its account sends one thing at a time`);
  }
}
