// What a step in the registry takes: which transactions, what they cost at most, what is missing, and when there is nothing to do. Pure; said before anything is sent.
// Used by relay/cli/join.ts.

import type { Call } from '../../src/chain/rail/calldata.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { approveCall, leaveCall, registerCall, updateCall, type RegistryEntry } from '../../src/chain/rail/registry.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { Fees } from '../chain/gas.ts';
import { ether, units } from '../cli/tables.ts';
import type { TransactionKind } from '../ledger/transactions.ts';

export type JoinStep = 'register' | 'update' | 'leave' | 'stay' | 'withdraw';

/** Of the chain, at one time. Amounts in base units of the token, `gasMoney` in wei, times in seconds. */
export type RegistryState = {
  entry: RegistryEntry | undefined;
  bond: bigint;
  leaveDelayS: number;
  allowance: bigint;
  held: bigint;
  gasMoney: bigint;
  /** Undefined where gas is dearer than the relay pays. */
  fees: Fees | undefined;
  time: number;
};

export type JoinSubject = {
  network: Network;
  registry: Hex;
  payee: Hex;
  /** Of the relay's name, 32 bytes. */
  key: Uint8Array;
  addresses: Uint8Array;
};

/** `gas`: at most, in units of gas. */
export type JoinWork = { kind: TransactionKind; name: string; call: Call; gas: bigint };

export type JoinPlan =
  | { does: 'nothing'; why: string }
  /** `missing`: lines, each of which says how it is mended; it cannot be done before. */
  | { does: 'send'; works: JoinWork[]; bond: bigint; gasWei: bigint | undefined; missing: string[] };

/** What was asked for cannot be, as the registry stands. The text is for the operator. */
export class JoinError extends Error {
  override readonly name = 'JoinError';
}

/** The dearest of contracts/README.md, and a quarter, as the sender gives (relay/chain/gas.ts). */
const GAS = {
  approve: 75_000n,
  register: 470_000n,
  update: 95_000n,
  announceLeave: 40_000n,
  stay: 40_000n,
  withdraw: 135_000n,
} as const;

/** Throws `JoinError`. */
export function planJoin(step: JoinStep, state: RegistryState, subject: JoinSubject): JoinPlan {
  switch (step) {
    case 'register':
      return planRegister(state, subject);
    case 'update':
      return planUpdate(state, subject);
    case 'leave': {
      const { leavesAt } = ownEntry(state);
      if (leavesAt === undefined) return planEnd('announceLeave', state, subject);
      return { does: 'nothing', why: `it is leaving already: the bond can be taken back from ${utc(leavesAt)} on` };
    }
    case 'stay': {
      if (ownEntry(state).leavesAt === undefined) return { does: 'nothing', why: 'it is not leaving' };
      return planEnd('stay', state, subject);
    }
    case 'withdraw': {
      const { leavesAt } = ownEntry(state);
      if (leavesAt === undefined) throw new JoinError('it has not said that it leaves: conet-relay join --leave');
      if (state.time < leavesAt) throw new JoinError(`the bond can be taken back from ${utc(leavesAt)} on`);
      return planEnd('withdraw', state, subject);
    }
  }
}

function planRegister(state: RegistryState, subject: JoinSubject): JoinPlan {
  const { entry, bond, allowance, held } = state;
  const { network, registry, payee, key, addresses } = subject;
  if (entry !== undefined) {
    if (entry.leavesAt !== undefined)
      throw new JoinError('it is registered, and leaving: conet-relay join --stay ends that');
    if (!same(entry.addresses, addresses))
      throw new JoinError('it is registered with other addresses: conet-relay join --update changes them');
    return { does: 'nothing', why: `it is registered since ${utc(entry.registeredAt)}, with these addresses` };
  }
  const works: JoinWork[] = [
    // Of an approval that an earlier run got, and no further, the bond can still be taken.
    ...(allowance < bond ? [work('approve', 'approve', approveCall(network.token.address, registry, bond))] : []),
    work('registry', 'register', registerCall(registry, key, addresses)),
  ];
  const { symbol } = network.token;
  const short =
    held < bond ? [`${payee} has ${units(held)} ${symbol} of the bond: send it ${units(bond - held)} more`] : [];
  return send(works, state, subject, { bond, missing: short });
}

function planUpdate(state: RegistryState, subject: JoinSubject): JoinPlan {
  const { registry, key, addresses } = subject;
  if (same(ownEntry(state).addresses, addresses)) return { does: 'nothing', why: 'the addresses are unchanged' };
  return send([work('registry', 'update', updateCall(registry, key, addresses))], state, subject);
}

function planEnd(name: 'announceLeave' | 'stay' | 'withdraw', state: RegistryState, subject: JoinSubject): JoinPlan {
  return send([work('registry', name, leaveCall(subject.registry, name, subject.key))], state, subject);
}

function send(
  works: JoinWork[],
  { fees, gasMoney }: RegistryState,
  { payee }: JoinSubject,
  { bond = 0n, missing = [] }: { bond?: bigint; missing?: string[] } = {},
): JoinPlan {
  const gas = works.reduce((sum, each) => sum + each.gas, 0n);
  const gasWei = fees && gas * fees.maxFeePerGas;
  const dear = gasWei === undefined ? ['gas is dearer now than this relay pays: try again later'] : [];
  const empty =
    gasMoney < (gasWei ?? 0n)
      ? [`${payee} has ${ether(gasMoney)} ETH for gas: send it ${ether((gasWei ?? 0n) - gasMoney)} more`]
      : [];
  return { does: 'send', works, bond, gasWei, missing: [...missing, ...dear, ...empty] };
}

function work(kind: TransactionKind, name: keyof typeof GAS, call: Call): JoinWork {
  return { kind, name, call, gas: GAS[name] };
}

function ownEntry({ entry }: RegistryState): RegistryEntry {
  if (entry === undefined) throw new JoinError('it is not registered: conet-relay join');
  return entry;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

export function utc(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
