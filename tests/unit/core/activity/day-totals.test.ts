// Totals of days: whatever the clock and the zone do, nothing is lost or counted twice among the days that are kept, and no more than 30 are.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addToDay,
  countedDay,
  DAYS_NOT_KEPT,
  encodeDayTotals,
  KEPT_DAYS,
  lastDays,
  localDay,
  NO_DAYS,
  parseDayTotals,
  type DayTotals,
} from '../../../../src/core/activity/day-totals.ts';
import { dayTotalsCell } from '../../../../src/core/state/cells.ts';
import { decodeCell, encodeCell } from '../../../../src/core/state/cell.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 2026-11-29 00:30 in Kiritimati (UTC+14) and 2026-11-28 00:30 in Niue (UTC-11) are 1 h apart. */
const NOON = Date.UTC(2026, 10, 29, 12);
const ZONES = fc.integer({ min: -14 * 60, max: 12 * 60 });
const MORE = fc.record({ bytes: fc.nat(1e9), spent: fc.bigInt({ min: 0n, max: 10n ** 9n }) });

const sum = ({ days }: DayTotals) =>
  days.reduce((all, { bytes, spent }) => ({ bytes: all.bytes + bytes, spent: all.spent + spent }), {
    ...{ bytes: 0, spent: 0n },
  });
const sumOf = (all: { bytes: number; spent: bigint }[]) =>
  sum({ keeps: true, days: all.map((more, day) => ({ day, ...more })) });

describe('a day', () => {
  test('is that of the wall clock', () => {
    expect(localDay(NOON, 0) * DAY).toBe(Date.UTC(2026, 10, 29));
    expect(localDay(NOON, -14 * 60) * DAY).toBe(Date.UTC(2026, 10, 30));
    expect(localDay(NOON, 12 * 60 + 1) * DAY).toBe(Date.UTC(2026, 10, 28));
  });

  test('agrees with what the platform calls the day, in zones with and without summer time', () => {
    const zone = process.env['TZ'];
    try {
      for (const name of ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia']) {
        process.env['TZ'] = name;
        for (let at = Date.UTC(2026, 2, 27); at < Date.UTC(2026, 3, 2); at += HOUR / 2) {
          const date = new Date(at);
          const expected = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
          expect(localDay(at, date.getTimezoneOffset()) * DAY).toBe(expected);
        }
      }
    } finally {
      process.env['TZ'] = zone;
    }
  });
});

describe('totals', () => {
  test('lose nothing and count nothing twice, with a clock that jumps within a month and any zones', () => {
    const step = fc.record({
      now: fc.integer({ min: NOON - 13 * DAY, max: NOON + 13 * DAY }),
      behind: ZONES,
      more: MORE,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let totals = NO_DAYS;
        for (const { now, behind, more } of steps) totals = addToDay(totals, localDay(now, behind), more);
        expect(sum(totals)).toEqual(sumOf(steps.map(({ more }) => more)));
        expect(parseDayTotals(JSON.parse(JSON.stringify(encodeDayTotals(totals))))).toEqual(totals);
      }),
    );
  });

  test('of a clock that jumps anywhere are of 30 days in a row at most, readable, and drop only what is older than those', () => {
    const step = fc.record({ day: fc.integer({ min: -1000, max: 30_000 }), more: MORE });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        let totals = NO_DAYS;
        for (const { day, more } of steps) {
          const before = totals;
          totals = addToDay(before, day, more);
          const newest = totals.days.at(-1)!.day;
          const dropped = before.days.filter((old) => old.day <= newest - KEPT_DAYS);
          expect(sumOf([sum(totals), ...dropped])).toEqual(sumOf([sum(before), more]));
          expect(parseDayTotals(JSON.parse(JSON.stringify(encodeDayTotals(totals))))).toEqual(totals);
        }
      }),
    );
  });

  test('of a clock that stands at the beginning of time count on the newest day, and on their own again when it is right', () => {
    const day = localDay(NOON, 0);
    let totals = addToDay(NO_DAYS, day, { bytes: 5, spent: 1n });
    totals = addToDay(totals, 0, { bytes: 7, spent: 2n });
    totals = addToDay(totals, day + 1, { bytes: 1, spent: 0n });
    expect(totals.days).toEqual([
      { day, bytes: 12, spent: 3n },
      { day: day + 1, bytes: 1, spent: 0n },
    ]);
    expect(countedDay(totals.days, 0)).toBe(day + 1);
  });

  test('of a traveller to the west are on the day that it is there', () => {
    let totals = addToDay(NO_DAYS, 101, { bytes: 5, spent: 0n });
    totals = addToDay(totals, 100, { bytes: 3, spent: 0n });
    expect(totals.days.map(({ day, bytes }) => [day, bytes])).toEqual([
      [100, 3],
      [101, 5],
    ]);
  });

  test('are not kept where the person does not want them', () => {
    expect(addToDay(DAYS_NOT_KEPT, 1, { bytes: 1, spent: 1n })).toEqual(DAYS_NOT_KEPT);
  });

  test('are shown for each of 30 days, today the last', () => {
    const days = lastDays(
      addToDay(addToDay(NO_DAYS, 80, { bytes: 1, spent: 0n }), 100, { bytes: 2, spent: 0n }).days,
      101,
    );
    expect(days.map(({ day }) => day)).toEqual(Array.from({ length: KEPT_DAYS }, (_, index) => 72 + index));
    expect(days.filter(({ bytes }) => bytes > 0).map(({ day }) => day)).toEqual([80, 100]);
  });
});

describe('the cell', () => {
  const day = { day: 1, bytes: 1, spent: '1' };
  test.each([
    ['what is no list', { keeps: true, days: {} }],
    ['31 days', { keeps: true, days: Array.from({ length: 31 }, (_, at) => ({ ...day, day: at })) }],
    ['a day twice', { keeps: true, days: [day, day] }],
    ['days out of order', { keeps: true, days: [{ ...day, day: 2 }, day] }],
    ['days that are further apart than a month', { keeps: true, days: [day, { ...day, day: 31 }] }],
    ['less than nothing', { keeps: true, days: [{ ...day, bytes: -1 }] }],
    ['half a byte', { keeps: true, days: [{ ...day, bytes: 0.5 }] }],
    ['money that is a number', { keeps: true, days: [{ ...day, spent: 1 }] }],
    ['days in spite of the switch', { keeps: false, days: [day] }],
    ['no switch', { days: [] }],
  ])('with %s keeps nothing', (_, value) => {
    const { value: read, error } = decodeCell(dayTotalsCell, { version: 1, value });
    expect(read).toEqual(DAYS_NOT_KEPT);
    expect(error).toMatchObject({ code: 'damaged', key: 'day-totals' });
  });

  test('that was never written keeps days, and holds nothing but day, bytes and money', () => {
    expect(decodeCell(dayTotalsCell, undefined)).toEqual({ value: NO_DAYS });
    expect(encodeCell(dayTotalsCell, addToDay(NO_DAYS, 9, { bytes: 1, spent: 2n }))).toEqual({
      version: 1,
      value: { keeps: true, days: [{ day: 9, bytes: 1, spent: '2' }] },
    });
  });
});
