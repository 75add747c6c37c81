// When an entry takes its money back from an exit, and what it does next for it. Pure. Asked by keeper.ts in each round.

import type { OwnChannel } from '../chain/payer-chain.ts';

export type LeaveRules = {
  /** A channel that nothing was signed for so long is closed; undefined: never for that. ms */
  idleMs: number | undefined;
  /** An exit that is not there for so long is not waited for any more, ms. */
  goneMs: number;
  /** What an exit has agreed to give back is waited for so long, ms. */
  agreedMs: number;
};

/** A transaction in time and one that was too cheap at first. */
const AGREED_MS = 600_000;
const HOUR_MS = 3_600_000;

/** An exit restarts within minutes; an hour is no restart. On the devnet people wait for it. @param idleHours 0: never */
export function leaveRules(idleHours: number, isDevnet: boolean): LeaveRules {
  return {
    idleMs: idleHours === 0 ? undefined : idleHours * HOUR_MS,
    goneMs: isDevnet ? 3000 : HOUR_MS,
    agreedMs: isDevnet ? 20_000 : AGREED_MS,
  };
}

export type Standing = {
  state: 'open' | 'closing' | 'closed';
  /** The operator asked for it. */
  asked: boolean;
  /** Another channel, or none, is what this exit is paid by now. */
  superseded: boolean;
  /** Tunnels run to the exit. */
  busy: boolean;
  /** ms since the last voucher. */
  unusedMs: number;
};

/** Whether to begin. What is asked for is done with tunnels running: they go on under no channel, until the exit cuts them. */
export function isDue({ state, asked, superseded, busy, unusedMs }: Standing, { idleMs }: LeaveRules): boolean {
  if (state !== 'open') return false;
  return asked || superseded || (idleMs !== undefined && !busy && unusedMs >= idleMs);
}

export type Closing = {
  chain: OwnChannel;
  /** The exit is connected and speaks the protocol. */
  isThere: boolean;
  /** ms for which it has not been, or since this relay started; 0 where it is. */
  goneMs: number;
  /** ms since the exit agreed to give it back; undefined: it has not, as far as this process knows. */
  agreedMs: number | undefined;
};

export type Step = 'closed' | 'wait' | 'ask' | 'begin' | 'fetch';

/** What to do about a channel that is being closed. With the exit as long as it is there; without it where it is gone, or does not do what it said. */
export function nextStep({ chain, isThere, goneMs, agreedMs }: Closing, rules: LeaveRules): Step {
  if (chain.left === 0n && chain.withdrawal === 'none') return chain.underWay ? 'wait' : 'closed';
  if (chain.underWay) return 'wait';
  // Also where the exit has claimed all: what is begun is ended.
  if (chain.withdrawal === 'ready') return 'fetch';
  if (chain.withdrawal === 'waiting') return 'wait';
  if (agreedMs !== undefined) return agreedMs < rules.agreedMs ? 'wait' : 'begin';
  if (isThere) return 'ask';
  return goneMs < rules.goneMs ? 'wait' : 'begin';
}
