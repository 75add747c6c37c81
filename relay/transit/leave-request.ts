// What the operator asked for with `conet-relay leave`: exits that are not to be paid any more. A small file beside the ledger, since the ledger itself has one
// writer. It stands until `--stay`, over restarts. Written by relay/cli/leave.ts, read by keeper.ts in each round.

import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** All, or these labels. */
export type LeaveRequest = 'all' | ReadonlySet<string>;

const NOBODY: LeaveRequest = new Set();
/** Labels are lower-case base36 (src/core/tunnel/circuit-name.ts). */
const LABEL = /^[0-9a-z]{10,80}$/;

export const requestPath = (ledger: string): string => `${ledger}.leave`;

export class LeaveRequestError extends Error {
  override readonly name = 'LeaveRequestError';
}

/** Throws `LeaveRequestError` for what nobody wrote: it is not guessed whom to leave. */
export async function readLeaveRequest(ledger: string): Promise<LeaveRequest> {
  let text: string;
  try {
    text = await readFile(requestPath(ledger), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NOBODY;
    throw new LeaveRequestError('the request to leave exits cannot be read', { cause: error });
  }
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 1 && lines[0] === 'all') return 'all';
  if (lines.length === 0 || !lines.every((line) => LABEL.test(line))) {
    throw new LeaveRequestError('the request to leave exits is damaged: write it anew with conet-relay leave');
  }
  return new Set(lines);
}

/** Throws `LeaveRequestError` for a label that is none. */
export async function writeLeaveRequest(ledger: string, request: LeaveRequest): Promise<void> {
  const path = requestPath(ledger);
  if (request !== 'all' && request.size === 0) {
    await rm(path, { force: true });
    return;
  }
  const lines = request === 'all' ? ['all'] : [...request];
  const wrong = request === 'all' ? undefined : lines.find((line) => !LABEL.test(line));
  if (wrong !== undefined)
    throw new LeaveRequestError('an exit is named by its label, as conet-relay ledger prints it');
  // Whole or not at all: the relay may be reading.
  await writeFile(`${path}.new`, `${lines.join('\n')}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export const isAsked = (request: LeaveRequest, exit: string): boolean => request === 'all' || request.has(exit);
