// What a tab may be called: one pure function for badge and popup. `private` only when the policy is in force, the proxy is ours, the
// circuit is verified and the tab was loaded again through it (invariants I2, I5).

import type { CircuitFailure, CircuitState } from '../circuit/circuit-state.ts';
import type { TabId } from '../routing/policy.ts';
import type { Neighbour } from './neighbour.ts';
import type { TabRecords } from './tab-records.ts';

export const CONFLICTS = [
  'other-extension',
  'rival',
  'managed',
  'user-proxy',
  'forbidden',
  'privacy-setting',
  'steering-failed',
] as const;
export type Conflict = (typeof CONFLICTS)[number];

/** Whether the browser does what the policy says. `pending`: nobody knows yet. */
export type Hold =
  | { is: 'pending' }
  | { is: 'held' }
  /** `rivals`: the extensions that the person decides about, under `rival`. */
  | { is: 'lost'; why: Conflict; name: string | undefined; rivals?: readonly Neighbour[] };

export type BlockedReason = CircuitFailure | Conflict;

export type TabStatus =
  | { is: 'off' }
  | { is: 'connecting' }
  | { is: 'private' }
  /** Nothing of the tab leaves the machine. `name` is that of the other extension, where it is known. */
  | { is: 'blocked'; why: BlockedReason; name: string | undefined };

export function tabStatus(records: TabRecords, tab: TabId, circuit: CircuitState, hold: Hold): TabStatus {
  const record = records.tabs[tab];
  if (record?.mode !== 'private') return { is: 'off' };
  if (hold.is === 'lost') return { is: 'blocked', why: hold.why, name: hold.name };
  if (circuit.at === 'failed') return { is: 'blocked', why: circuit.reason, name: undefined };
  const green = hold.is === 'held' && circuit.at === 'verified' && record.reload.is === 'none';
  return { is: green ? 'private' : 'connecting' };
}
