// When an entry leaves an exit and what it does for it, and the file by which an operator asks.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leave } from '../../../../relay/cli/leave.ts';
import { isAsked, readLeaveRequest, requestPath, writeLeaveRequest } from '../../../../relay/transit/leave-request.ts';
import { isDue, leaveRules, nextStep, type Closing, type Standing } from '../../../../relay/transit/leave.ts';

const rules = leaveRules(168, false);
const WEEK = 604_800_000;

describe('a channel with an exit is given up', () => {
  const used: Standing = { state: 'open', asked: false, superseded: false, busy: false, unusedMs: WEEK - 1 };
  test.each<[string, Partial<Standing>, boolean]>([
    ['not before it was unused for a week', {}, false],
    ['after a week', { unusedMs: WEEK }, true],
    ['not while tunnels run', { unusedMs: WEEK, busy: true }, false],
    ['when the operator asks, whatever runs', { asked: true, busy: true }, true],
    ['when the exit is paid by another one', { superseded: true }, true],
    ['once', { state: 'closing', asked: true, unusedMs: WEEK }, false],
    ['never again', { state: 'closed', asked: true }, false],
  ])('%s', (_, change, due) => {
    expect(isDue({ ...used, ...change }, rules)).toBe(due);
  });

  test('never for being unused where the configuration says 0', () => {
    expect(isDue({ ...used, unusedMs: 100 * WEEK }, leaveRules(0, false))).toBe(false);
  });
});

describe('what is done next', () => {
  const closing: Closing = {
    chain: { left: 5n, withdrawal: 'none', underWay: false },
    isThere: true,
    goneMs: 0,
    agreedMs: undefined,
  };
  const chain = (change: Partial<Closing['chain']>) => ({ chain: { ...closing.chain, ...change } });
  test.each<[string, Partial<Closing>, string]>([
    ['the exit is asked', {}, 'ask'],
    ['one that is away for a moment is waited for', { isThere: false, goneMs: 60_000 }, 'wait'],
    ['one that is gone is not', { isThere: false, goneMs: 3_600_000 }, 'begin'],
    ['what it agreed to is waited for', { agreedMs: 60_000 }, 'wait'],
    ['and taken without it when nothing comes', { agreedMs: 600_000 }, 'begin'],
    ['the delay is waited for, the exit there or not', chain({ withdrawal: 'waiting' }), 'wait'],
    ['then it is fetched', chain({ withdrawal: 'ready' }), 'fetch'],
    ['also where the exit has claimed it all', chain({ withdrawal: 'ready', left: 0n }), 'fetch'],
    ['nothing is sent beside what is under way', chain({ underWay: true, withdrawal: 'ready' }), 'wait'],
    ['it is over when nothing is left', chain({ left: 0n }), 'closed'],
    ['and not before it is in a block', chain({ left: 0n, underWay: true }), 'wait'],
  ])('%s', (_, change, step) => {
    expect(nextStep({ ...closing, ...change }, rules)).toBe(step);
  });

  test('a transaction is never sent twice at once, nothing is closed with money in it, and it always ends', () => {
    const arbitrary = fc.record({
      chain: fc.record({
        left: fc.bigInt(0n, 3n),
        withdrawal: fc.constantFrom('none' as const, 'waiting' as const, 'ready' as const),
        underWay: fc.boolean(),
      }),
      isThere: fc.boolean(),
      goneMs: fc.nat(2 * rules.goneMs),
      agreedMs: fc.option(fc.nat(2 * rules.agreedMs), { nil: undefined }),
    });
    fc.assert(
      fc.property(arbitrary, (now) => {
        const step = nextStep(now, rules);
        if (now.chain.underWay) expect(step).toBe('wait');
        if (step === 'closed') expect(now.chain).toEqual({ left: 0n, withdrawal: 'none', underWay: false });
        if (step === 'begin') expect(now.chain.withdrawal).toBe('none');
        // Long enough, whatever the exit does: then only the chain is waited for.
        const late = { ...now, goneMs: 2 * rules.goneMs, agreedMs: 2 * rules.agreedMs };
        const waits = now.chain.underWay || now.chain.withdrawal === 'waiting';
        expect(nextStep(late, rules) === 'wait').toBe(waits);
      }),
    );
  });
});

describe('the request of an operator', () => {
  const label = `k51${'q'.repeat(40)}`;
  let folder: string;
  let ledger: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leave-'));
    ledger = join(folder, 'ledger.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is for all, for some, and for none again', async () => {
    expect(isAsked(await readLeaveRequest(ledger), label)).toBe(false);
    await leave({ ledger, exit: label, stay: false });
    await leave({ ledger, exit: 'k51another00', stay: false });
    const both = await readLeaveRequest(ledger);
    expect([label, 'k51another00', 'k51third0000'].map((exit) => isAsked(both, exit))).toEqual([true, true, false]);
    await leave({ ledger, exit: label, stay: true });
    expect(await readLeaveRequest(ledger)).toEqual(new Set(['k51another00']));
    await leave({ ledger, exit: undefined, stay: false });
    expect(isAsked(await readLeaveRequest(ledger), label)).toBe(true);
    await leave({ ledger, exit: undefined, stay: true });
    expect(await readLeaveRequest(ledger)).toEqual(new Set());
  });

  test('names labels, and what nobody wrote is refused', async () => {
    await expect(writeLeaveRequest(ledger, new Set(['../x']))).rejects.toThrow('by its label');
    for (const text of ['', '\n', 'all\nk51another00\n', 'k51\u0000', label.slice(0, 9)]) {
      writeFileSync(requestPath(ledger), text);
      await expect(readLeaveRequest(ledger)).rejects.toThrow('damaged');
    }
  });
});
