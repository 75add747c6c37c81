// RelayRegistry as readers and operators use it: what is read of it, and what is sent to it. Nobody signs or sends here. The ABI is that of
// contracts/src/interfaces/IRelayRegistry.sol; tests/integration/registry.test.ts calls the contract itself with it.

import { Interface } from 'ethers/abi';
import { getBytes } from 'ethers/utils';
import { labelOfKey } from '../../core/directory/peer-key.ts';
import { DirectoryError } from '../../core/directory/directory-error.ts';
import { decodeRegistryAddresses, type RegistryAddresses } from '../../core/directory/registry-addresses.ts';
import type { RegisteredRelay } from '../../core/directory/registered-relay.ts';
import type { PeerLabel } from '../../core/tunnel/circuit-name.ts';
import { asAddress, type Hex } from '../../core/payment/hex.ts';
import { bytes32 } from '../../core/wire/kinds.ts';
import type { Call } from './calldata.ts';
import { ChainError } from './chain-error.ts';
import { parseRegistryPage, type PageEntry } from './registry-page.ts';
import { asBigint, createView, type Read } from './view.ts';

/** `MAX_PAGE` of the contract. */
export const REGISTRY_PAGE = 200;

const RELAY = '(bytes32 peerKey, address payee, uint96 bond, uint40 registeredAt, uint40 leavesAt, bytes addresses)';

const view = createView(
  new Interface([
    `function relayOf(address payee, bytes32 peerKey) view returns (${RELAY})`,
    'function token() view returns (address)',
    'function bond() view returns (uint96)',
    'function leaveDelay() view returns (uint40)',
    'function allowance(address owner, address spender) view returns (uint256)',
  ]),
);
const methods = new Interface([
  'function page(uint256 from, uint256 count)',
  'function approve(address spender, uint256 amount)',
  'function register(bytes32 peerKey, bytes addresses)',
  'function update(bytes32 peerKey, bytes addresses)',
  'function announceLeave(bytes32 peerKey)',
  'function stay(bytes32 peerKey)',
  'function withdraw(bytes32 peerKey)',
]);

/** `total` is of the whole list. */
export type RegistryPage = { relays: RegisteredRelay[]; total: bigint };

/** At index `from` and behind it, as many as a page holds. */
export function readRegistryPage(registry: Hex, from: number): Read<RegistryPage> {
  return {
    what: 'page',
    call: { to: registry, data: methods.encodeFunctionData('page', [from, REGISTRY_PAGE]) as Hex },
    parse: (data) => {
      try {
        const { entries, total } = parseRegistryPage(data);
        return { relays: entries.map(relayOf), total };
      } catch (cause) {
        throw new ChainError('bad_answer', `page of ${registry} was answered with something else`, { cause });
      }
    },
  };
}

/** What the registry has of one relay, for its operator. Times in seconds since the epoch. */
export type RegistryEntry = {
  bond: bigint;
  registeredAt: number;
  leavesAt: number | undefined;
  /** As they stand there. */
  addresses: Uint8Array;
};

/** @param key 32 bytes. Undefined where there is none. */
export function readRegistryEntry(registry: Hex, payee: Hex, key: Uint8Array): Read<RegistryEntry | undefined> {
  return view(registry, 'relayOf', [payee, key], ([entry]) => {
    if (!Array.isArray(entry)) throw new TypeError('not an entry of the contract');
    const [, , bond, registered, leaves, addresses] = entry as unknown[];
    // Both are of 40 bits.
    const [registeredAt, leavesAt] = [Number(asBigint(registered)), Number(asBigint(leaves))];
    if (registeredAt === 0) return undefined;
    return {
      bond: asBigint(bond),
      registeredAt,
      leavesAt: leavesAt || undefined,
      addresses: getBytes(String(addresses)),
    };
  });
}

export function readRegistryToken(registry: Hex): Read<Hex> {
  return view(registry, 'token', [], ([token]) => asAddress(token));
}

/** In base units of its token. */
export function readBond(registry: Hex): Read<bigint> {
  return view(registry, 'bond', [], ([bond]) => asBigint(bond));
}

/** In seconds. */
export function readLeaveDelay(registry: Hex): Read<number> {
  return view(registry, 'leaveDelay', [], ([delay]) => Number(asBigint(delay)));
}

export function readAllowance(token: Hex, owner: Hex, spender: Hex): Read<bigint> {
  return view(token, 'allowance', [owner, spender], ([amount]) => asBigint(amount));
}

export function approveCall(token: Hex, spender: Hex, amount: bigint): Call {
  return { to: token, data: methods.encodeFunctionData('approve', [spender, amount]) as Hex };
}

/** Takes the bond from the sender, who must have approved it. */
export function registerCall(registry: Hex, key: Uint8Array, addresses: Uint8Array): Call {
  return { to: registry, data: methods.encodeFunctionData('register', [key, addresses]) as Hex };
}

export function updateCall(registry: Hex, key: Uint8Array, addresses: Uint8Array): Call {
  return { to: registry, data: methods.encodeFunctionData('update', [key, addresses]) as Hex };
}

/** The three steps of an entry's end, each of the sender's own. */
export function leaveCall(registry: Hex, step: 'announceLeave' | 'stay' | 'withdraw', key: Uint8Array): Call {
  return { to: registry, data: methods.encodeFunctionData(step, [key]) as Hex };
}

/** The key may be any 32 bytes that somebody sent: it is a label all the same, which nobody has signed for. */
function relayOf({ peerKey, payee, leavesAt, addresses }: PageEntry): RegisteredRelay {
  const peer = labelOfKey(bytes32.encode(peerKey));
  return { peer, payee, leavesAt: leavesAt || undefined, addresses: addressesOf(peer, getBytes(addresses)) };
}

/** Of an entry whose addresses are none there is still the key; its descriptor may come from another relay. */
function addressesOf(peer: PeerLabel, bytes: Uint8Array): RegistryAddresses {
  try {
    return decodeRegistryAddresses(peer, bytes);
  } catch (error) {
    if (error instanceof DirectoryError) return { workers: [], relays: [] };
    throw error;
  }
}
