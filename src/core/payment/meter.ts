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
  /** The part of `most` that is of requests which are on. Left out: none. */
  pending?: bigint;
  /** The part of the rest that was bounded and not known: it excuses the stretch in which it came, and not the ones after. Left out: none. */
  blur?: bigint;
};

/** Where the present stretch of comparison began. */
export type MeterStart = {
  least: bigint;
  most: bigint;
  claimed: bigint;
  /** Of `blur`, what no claim has needed: it excuses later ones no more. */
  dropped: bigint;
};

export const METER_START: MeterStart = { least: 0n, most: 0n, claimed: 0n, dropped: 0n };

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
  return { verdict: 'agree', believed, start: nextStart(start, own, claimed) };
}

/** A new stretch begins at the claim: what one count was ahead by must not show as a difference twice. */
function nextStart(start: MeterStart, own: OwnCount, claimed: bigint): MeterStart {
  const ahead = lessOrNone(own.most, claimed + start.dropped);
  // What is on its way, and what the relay had not counted when it wrote its claim: no more than in the stretch that the claim ends.
  const late = (own.pending ?? 0n) + most(STRETCH_BYTES, lessOrNone(claimed, start.claimed));
  const dropped = start.dropped + least(lessOrNone(ahead, late), lessOrNone(own.blur ?? 0n, start.dropped));
  return { least: most(own.least, claimed), most: least(own.most, claimed + dropped), claimed, dropped };
}
