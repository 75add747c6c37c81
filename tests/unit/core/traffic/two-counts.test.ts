// The browser's own count against the relay's claim: an honest entry is never accused, whatever the browser leaves unsaid; one that claims more is, where sizes are known.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeMeter, METER_START, type MeterJudgement } from '../../../../src/core/payment/meter.ts';
import { MeterReader } from '../../../../src/core/session/meter-reader.ts';
import { FASTEST } from '../../../../src/core/traffic/bounds.ts';
import { Browser } from '../../../support/fakes/request-news.ts';

const MIB = 1024 * 1024;

// A session: the true bytes of requests, as an entry would count them, beside what the browser tells of them.

const KINDS = ['length', 'nothing', 'range', 'sent', 'size', 'failed', 'socket'] as const;
type Kind = (typeof KINDS)[number];

type Load = {
  kind: Kind;
  bytes: number;
  /** ms: when it begins after the one before, how long until it is answered, and until it ends. */
  after: number;
  answer: number;
  takes: number;
};

type Mark = { at: number; is: 'meter' | 'restart' | 'reopen' };

/** What passes beside the bytes: 2 % and 8 kB of heads and handshakes (measured: 0.46 %, and 0.1 to 15.8 kB). */
const wire = (bytes: number): number => Math.ceil(bytes * 1.02) + 8_000;

/** Of the browser and two relays. */
const WINDOWS = 12 * MIB;

/** So much of a claim may be under way while the browser's news are older. */
const LATE_MS = 5;

class Session {
  readonly browser = new Browser();
  verdict: MeterJudgement['verdict'] = 'agree';
  lie = 0;
  /** In truth, of `counted` requests. */
  passed = 0;
  /** Bytes that the entry counted on this stream, and more that it says. */
  private claimed = 0;
  private counted = 0;
  private reader = new MeterReader(100n, this.own());

  own() {
    const { least, most, blur, pending } = this.browser.total();
    return { epoch: 'e', least: BigInt(least), most: BigInt(most), blur: BigInt(blur), pending: BigInt(pending) };
  }

  reopen(passed: number): void {
    this.counted = passed;
    this.claimed = 0;
    this.reader = new MeterReader(100n, this.own());
  }

  /** @param passed in all, by the entry's true count */
  meter(passed: number): void {
    this.claimed += Math.max(0, passed - this.counted) * (1 + this.lie);
    this.counted = Math.max(passed, this.counted);
    const down = BigInt(Math.floor(this.claimed));
    this.reader.take({ type: 'meter', up: 0n, down, freeBytes: 0n, channel: undefined });
    if (this.verdict === 'agree') this.verdict = this.reader.judge(this.own());
  }
}

function begin(session: Session, { kind }: Load): string {
  return session.browser.begin({ sends: kind === 'sent', isSocket: kind === 'socket' });
}

function answer({ browser }: Session, id: string, { kind, bytes }: Load): void {
  if (kind === 'socket') browser.answer(id, { is: 'none' }, null);
  else if (kind === 'sent') browser.answer(id, { is: 'none' });
  else if (kind === 'nothing' || kind === 'size') browser.answer(id, { is: 'unknown' });
  // A site that cuts its own answer off.
  else browser.answer(id, { is: 'announced', bytes: kind === 'failed' ? bytes * 2 : bytes, partial: kind === 'range' });
  if (kind === 'socket') browser.end(id);
}

function end({ browser }: Session, id: string, { kind, bytes }: Load): void {
  if (kind === 'socket') return;
  browser.end(id, kind === 'failed' ? 'failed' : 'whole', kind === 'size' ? bytes : undefined);
}

/** Lives through loads that overlap, with an entry that meters when it likes. */
function live(session: Session, loads: readonly Load[], marks: readonly Mark[], late: number): void {
  let at = session.browser.now;
  const spans = loads.map((load) => {
    at += load.after;
    // All of them together are no faster than the fastest line.
    const takes = Math.max(load.takes, Math.ceil((wire(load.bytes) * loads.length) / FASTEST) + 2);
    return { load, from: at, until: at + load.answer + takes, id: '' };
  });
  const passed = (when: number): number =>
    spans.reduce((sum, { load, from, until }) => {
      const share = Math.min(1, Math.max(0, (when - from) / (until - from)));
      const bytes = wire(load.bytes) * share;
      // Before the browser has read the head, windows hold the rest back.
      const isHeld = when < from + load.answer && load.kind !== 'sent' && load.kind !== 'socket';
      return sum + (isHeld ? Math.min(bytes, WINDOWS) : bytes);
    }, 0);
  const events = [
    ...spans.flatMap((span) => [
      { at: span.from, run: () => (span.id = begin(session, span.load)) },
      { at: span.from + span.load.answer, run: () => answer(session, span.id, span.load) },
      { at: span.until, run: () => end(session, span.id, span.load) },
    ]),
    ...marks.map(({ at: when, is }) => ({ at: when, run: () => mark(is) })),
    { at: Math.max(...spans.map(({ until }) => until)) + 10, run: () => mark('meter') },
  ].sort((one, other) => one.at - other.at);
  const mark = (is: Mark['is']): void => {
    if (is === 'meter') session.meter(passed(session.browser.now - late));
    if (is === 'restart') session.browser.restart();
    if (is === 'reopen') session.reopen(passed(session.browser.now));
  };
  for (const event of events) {
    session.browser.now = event.at;
    event.run();
  }
}

const loadOf = (kind: fc.Arbitrary<Kind>): fc.Arbitrary<Load> =>
  fc.record({
    kind,
    bytes: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 60 * MIB })),
    after: fc.integer({ min: 0, max: 500 }),
    answer: fc.integer({ min: 0, max: 300 }),
    takes: fc.integer({ min: 1, max: 2_000 }),
  });

const markOf: fc.Arbitrary<Mark> = fc.record({
  at: fc.integer({ min: 1_000, max: 12_000 }),
  is: fc.constantFrom('meter', 'meter', 'meter', 'meter', 'restart', 'reopen'),
});

test('an entry that counts what passes is never accused, whatever the browser leaves unsaid, when workers die and streams are opened anew', () => {
  fc.assert(
    fc.property(
      fc.array(loadOf(fc.constantFrom(...KINDS)), { minLength: 1, maxLength: 30 }),
      fc.array(markOf, { maxLength: 40 }),
      fc.integer({ min: 0, max: LATE_MS }),
      (loads, marks, late) => {
        const session = new Session();
        live(session, loads, marks, late);
        expect(session.verdict).toBe('agree');
      },
    ),
    { numRuns: 1_000 },
  );
});

test('an entry that claims a tenth more is accused within 10 MiB and an increment of its claim, where sizes are told', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ kind: fc.constantFrom<Kind>('length', 'size'), mib: fc.integer({ min: 2, max: 60 }) }), {
        maxLength: 20,
      }),
      fc.integer({ min: 1, max: 16 }),
      (loads, incrementMib) => {
        const session = new Session();
        session.lie = 0.1;
        let claimed = 0;
        for (const { kind, mib } of loads) {
          for (let left = mib; left > 0 && session.verdict === 'agree'; left -= incrementMib) {
            const bytes = Math.min(left, incrementMib) * MIB;
            // The entry says a tenth more than what passed of each increment.
            counted(session, bytes, kind);
            claimed += wire(bytes) * 1.1;
          }
        }
        if (claimed > (10 + incrementMib) * MIB) expect(session.verdict).toBe('over');
      },
    ),
  );
});

/** A request, metered at its end. */
function counted(session: Session, bytes: number, kind: Kind): void {
  const before = session.passed;
  const { browser } = session;
  const load: Load = { kind, bytes, after: 0, answer: 10, takes: 1_000 };
  const id = begin(session, load);
  answer(session, id, load);
  browser.now += 1_000;
  end(session, id, load);
  session.passed = before + wire(bytes);
  session.meter(session.passed);
}

test('an entry that claims less than what surely passed is accused as well: somebody else pays for it', () => {
  const session = new Session();
  session.lie = -0.2;
  counted(session, 40 * MIB, 'length');
  expect(session.verdict).toBe('under');
});

test('what was not known once excuses no claim for ever', () => {
  const session = new Session();
  counted(session, 11 * MIB, 'nothing');
  counted(session, 11 * MIB, 'length');
  // From here on it says twice what passed: what it can take is a stretch once, and not the gigabyte that might have been.
  session.lie = 1;
  for (let each = 0; each < 3; each += 1) counted(session, 11 * MIB, 'length');
  expect(session.verdict).toBe('over');
});

test('what was on is not dropped with what was not known: it may all come', () => {
  const own = { least: 0n, most: BigInt(2_000 * MIB), pending: BigInt(900 * MIB), blur: BigInt(1_100 * MIB) };
  const first = judgeMeter(METER_START, own, BigInt(20 * MIB));
  const whole = { least: BigInt(900 * MIB), most: own.most, pending: 0n, blur: own.blur };
  expect(judgeMeter(first.start, whole, BigInt(920 * MIB)).verdict).toBe('agree');
});

test('what was not known once excuses no claim of a long download after it beyond a stretch, however often the entry meters', () => {
  const session = new Session();
  counted(session, 4 * MIB, 'nothing');
  const whole: Load = { kind: 'length', bytes: 100 * MIB, after: 0, answer: 10, takes: 1_000 };
  const id = begin(session, whole);
  session.browser.now += 10;
  answer(session, id, whole);
  session.lie = 1;
  const before = session.passed;
  let believed = 0;
  for (let part = 1; part <= 13 && session.verdict === 'agree'; part += 1) {
    session.browser.now += 70;
    session.passed = before + (wire(whole.bytes) * part) / 13;
    session.meter(session.passed);
    believed = part;
  }
  expect(session.verdict).toBe('over');
  expect(believed).toBeLessThan(13);
});
