// `conet-relay leave`: an entry takes its money back from exits and pays them no more, until `--stay`. It only writes down what is wanted: the relay does it
// while it runs, and after a restart it goes on.

import { LedgerError } from '../ledger/ledger-error.ts';
import { openForReading } from '../ledger/ledger-file.ts';
import { readSummary } from '../ledger/summary.ts';
import { isAsked, readLeaveRequest, writeLeaveRequest, type LeaveRequest } from '../transit/leave-request.ts';
import { section, short, units } from './tables.ts';

export type LeaveInit = {
  ledger: string;
  /** A label; undefined: all of them. */
  exit: string | undefined;
  stay: boolean;
};

/** Lines for a person. Throws `LeaveRequestError`, `LedgerError`. */
export async function leave({ ledger, exit, stay }: LeaveInit): Promise<string[]> {
  const before = exit === undefined ? new Set<string>() : await readLeaveRequest(ledger);
  if (before === 'all') return ['all exits are being left already; conet-relay leave --stay ends that'];
  const request = decide(before, exit, stay);
  await writeLeaveRequest(ledger, request);
  if (stay) return ['exits are paid again; a channel that is being closed already is closed all the same'];
  const open = channels(ledger).filter(({ peer, state }) => state !== 'closed' && isAsked(request, peer));
  return [
    ...(open.length === 0 ? ['no money lies with them'] : []),
    ...section('to be taken back', [
      ['channel', 'from', 'state', 'balance', 'signed'],
      ...open.map(({ id, peer, state, balance, voucher }) => [
        ...[short(id), peer, state, units(balance), units(voucher?.max ?? 0n)],
      ]),
    ]).slice(open.length === 0 ? Infinity : 1),
    'the relay does it while it runs: with an exit that is connected in a minute, without it after the channel’s delay',
    'conet-relay ledger shows how far it is; conet-relay leave --stay has exits paid again',
  ];
}

function decide(before: ReadonlySet<string>, exit: string | undefined, stay: boolean): LeaveRequest {
  if (exit === undefined) return stay ? new Set() : 'all';
  const request = new Set(before);
  if (stay) request.delete(exit);
  else request.add(exit);
  return request;
}

function channels(path: string) {
  let db;
  try {
    db = openForReading(path);
  } catch (error) {
    // A relay that was never started has no channel.
    if (error instanceof LedgerError && error.code === 'missing') return [];
    throw error;
  }
  try {
    return readSummary(db).outgoing;
  } finally {
    db.close();
  }
}
