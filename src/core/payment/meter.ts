// Two counts of the same bytes: the relay's claim and the client's own. The client pays by the claim as long as its own count bears it
// out, and stops when they are apart. The relay never reads this.
// A browser tells the sizes of bodies late and the rest not at all, so that the own count has a least and a most.

import { least, lessOrNone, most } from './amount.ts';
import { BYTES_PER_MIB } from './price.ts';

/** Cumulative bytes of a session, by the client's own count. */
export type OwnCount = {
  /** What has surely passed: requests that have ended. */
  least: bigint;
  /**
   * What may have passed: also the rest that those that are on have announced (content-length). Equal to `least` where all is known. A site
   * that works with the relay can announce much: who counts bounds the rest by the time it has been on.
   */
  most: bigint;
};

/** Where the present stretch of comparison began. Stored with the session. */
export type MeterStart = OwnCount & { claimed: bigint };

export const METER_START: MeterStart = { least: 0n, most: 0n, claimed: 0n };

/** Headers, TLS and HTTP/2 frames, which the browser does not count, come to 1 to 4 % of a page. */
const TOLERANCE = 20n;
/** A handshake or two, and what is on its way when the two counts are taken. */
const SLACK_BYTES = 64n * 1024n;
/** Below it a few handshakes weigh more than a lie. */
const STRETCH_BYTES = 10n * BYTES_PER_MIB;

export type MeterJudgement = {
  /** `over` and `under`: by more than 5 % and 64 KiB, over 10 MiB at least. Either stops payment: less is as wrong, somebody else pays for it. */
  verdict: 'agree' | 'over' | 'under';
  /** Bytes of the session that the client pays for: the claim, and never more than its own count bears out, even before there is a verdict. */
  believed: bigint;
  /** For the next comparison. */
  start: MeterStart;
};

/** @param claimed bytes of the session by the relay's highest claim; older ones that come late change nothing */
export function judgeMeter(start: MeterStart, own: OwnCount, claimed: bigint): MeterJudgement {
  const claim = lessOrNone(claimed, start.claimed);
  const ownLeast = lessOrNone(own.least, start.least);
  const ownMost = lessOrNone(own.most, start.most);
  const bearable = ownMost + ownMost / TOLERANCE + SLACK_BYTES;
  const believed = start.claimed + least(claim, bearable);
  if (most(claim, ownLeast) < STRETCH_BYTES) return { verdict: 'agree', believed, start };
  if (claim > bearable) return { verdict: 'over', believed, start };
  if (claim + SLACK_BYTES < ownLeast - ownLeast / TOLERANCE) return { verdict: 'under', believed, start };
  // A new stretch begins at the claim: what one count was ahead by must not show as a difference twice.
  const next = { least: most(own.least, claimed), most: least(own.most, claimed), claimed };
  return { verdict: 'agree', believed, start: next };
}
