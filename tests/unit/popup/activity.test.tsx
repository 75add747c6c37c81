// @vitest-environment happy-dom
// The view of activity and the first view's line: what is said and drawn of numbers, what a screen reader gets, and what the switch sends.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { trafficText } from '../../../popup/home/traffic-line.tsx';
import type { ActivityView } from '../../../src/core/activity/activity-view.ts';
import { bytesText } from '../../../src/text/bytes.ts';
import { say } from '../../../src/text/translate.ts';
import { PopupPage } from '../../support/popup-page.tsx';

const USDC = { symbol: 'USDC', decimals: 6 };
const MARKUP = '<img/src=x/onerror=alert(1)>';
/** 2026-11-29. */
const TODAY = 20_786;

const VIEW: ActivityView = {
  seconds: Array.from({ length: 60 }, (_, at) => (at === 58 ? 2_000_000 : 0)),
  keepsDays: true,
  days: Array.from({ length: 30 }, (_, at) => {
    const day = TODAY - 29 + at;
    if (at === 29) return { day, bytes: 12_300_000, spent: '1500' };
    return { day, bytes: at === 27 ? 4_000 : 0, spent: '0' };
  }),
  tabs: [
    { tab: 4, bytes: 9_000_000, cost: '945' },
    { tab: 5, bytes: 1_000, cost: '0' },
  ],
  hops: [
    {
      ...{ entry: { operator: 'alder', region: 'DE' }, exits: ['birch', 'cedar'] },
      ...{ bytes: 9_001_000, atEntry: '288', atExit: '657' },
    },
  ],
  price: { perMib: '105', freeBytes: null },
  speed: { is: 'none' },
  currency: USDC,
};

let page: PopupPage;
beforeEach(() => {
  page = new PopupPage();
});
afterEach(() => page.open('home'));

async function open(view: Partial<ActivityView> = {}): Promise<void> {
  page.answers['activity/read'] = { ...VIEW, ...view };
  await page.open('activity');
}

const rows = (part: string) =>
  [...document.querySelectorAll(`[data-part="${part}"] tbody tr`)].map((row) =>
    [...row.children].map(({ textContent }) => textContent).join(' | '),
  );

describe('the line of the first view', () => {
  test.each([
    [undefined, 'Nothing of this tab is counted yet.'],
    [{ bytes: 1_234_567, cost: '0' }, 'This tab: at least 1.2 MB, free'],
    [{ bytes: 80_000_000, cost: '8012' }, 'This tab: at least 80 MB, about 0.008012 USDC'],
  ])('says of %j: %s', (traffic, words) => {
    expect(say(trafficText({ traffic, currency: USDC }))).toBe(words);
  });

  test('says no price in a currency that it does not know yet', () => {
    expect(say(trafficText({ traffic: { bytes: 1_000, cost: '5' }, currency: undefined }))).toBe(
      'This tab: at least 1 kB',
    );
  });
});

test('bytes are read in the unit that fits', () => {
  expect([0, 999, 999_949, 999_960, 1_500_000_000, 5e15].map(bytesText)).toEqual([
    ...['0 kB', '1 kB', '999.9 kB', '1 MB', '1.5 GB', '5,000 TB'],
  ]);
});

describe('the view', () => {
  test('says the last minute in words and draws the same, for each second a point', async () => {
    await open();
    expect(page.text).toContain('2 MB in the last minute, 2 MB a second at most');
    const plot = document.querySelector('svg.live')!;
    expect(plot.getAttribute('role')).toBe('img');
    expect(plot.getAttribute('aria-label')).toContain('2 MB in the last minute');
    const points = plot.querySelector('polygon')!.getAttribute('points')!.split(' ');
    expect(points).toHaveLength(62);
    expect(points[59]).toBe('58,0.0');
    expect(points[30]).toBe('29,40.0');
  });

  test('of a minute without traffic is flat', async () => {
    await open({ seconds: Array.from({ length: 60 }, () => 0) });
    const points = document.querySelector('svg.live polygon')!.getAttribute('points')!.split(' ');
    expect(points.every((point) => Number(point.split(',')[1]) === 40)).toBe(true);
  });

  test('says today, and has a bar and a row for each day with traffic, the newest first', async () => {
    await open();
    expect(page.text).toContain('Today: at least 12.3 MB, about 0.0015 USDC');
    const heights = [...document.querySelectorAll('svg.bars rect')].map((bar) => Number(bar.getAttribute('height')));
    expect(heights).toHaveLength(30);
    expect(heights.filter((height) => height > 0)).toEqual([1, 40]);
    expect(rows('days')).toEqual(['Nov 29, 2026 | 12.3 MB | about 0.0015 USDC', 'Nov 27, 2026 | 4 kB | free']);
  });

  test('names tabs by the browser’s titles, as text and not as markup', async () => {
    page.titles.set(4, MARKUP);
    await open();
    expect(rows('tabs')).toEqual([`${MARKUP} | 9 MB | about 0.000945 USDC`, 'A tab without a title | 1 kB | free']);
    expect(document.querySelector('img')).toBeNull();
  });

  test('says what went through each entry and what it and its exits get', async () => {
    await open();
    expect(page.text).toContain('Entry: alder, Germany9 MB, about 0.000288 USDC');
    expect(page.text).toContain('Exits behind it: birch and cedar9 MB, about 0.000657 USDC');
  });

  test('has words where there is nothing', async () => {
    await open({ tabs: [], hops: [], price: null });
    expect(page.text).toContain('Nothing of an open private tab is counted yet.');
    expect(page.text).toContain('No relay is in use.');
  });

  test('has a name for each part, and words for the switch', async () => {
    await open();
    for (const part of document.querySelectorAll('section'))
      expect(document.getElementById(part.getAttribute('aria-labelledby')!)?.textContent).not.toBe('');
    const box = document.querySelector<HTMLInputElement>('input[name="keep-days"]')!;
    expect(box.labels?.[0]?.textContent).toBe('Keep totals of days');
  });
});

describe('the switch', () => {
  test('turned off asks for that, and shows that nothing is kept', async () => {
    await open();
    page.answers['activity/keep-days'] = { ...VIEW, keepsDays: false, days: [] };
    await page.click('Keep totals of days');
    expect(page.sent.filter(({ type }) => type === 'activity/keep-days')).toEqual([
      { type: 'activity/keep-days', data: { wanted: false } },
    ]);
    expect(page.text).toContain('No totals are kept.');
    expect(document.querySelector('svg.bars')).toBeNull();
    expect(document.querySelector<HTMLInputElement>('input[name="keep-days"]')!.checked).toBe(false);
  });
});

describe('the speed test', () => {
  const run = 'ab'.repeat(8);
  const state = () => document.querySelector('[data-speed]')!.textContent;
  const started = () => page.sent.filter(({ type }) => type === 'activity/start-speed').length;
  const poll = async (speed: ActivityView['speed']): Promise<void> => {
    page.answers['activity/read'] = { ...VIEW, speed };
    await vi.waitFor(() => expect(page.sent.filter(({ type }) => type === 'activity/read').length).toBeGreaterThan(1), {
      timeout: 5_000,
    });
    await page.settled();
  };

  test.each([
    [{ perMib: '105', freeBytes: null }, 'It uses about 10 MB and costs about 0.001002 USDC.'],
    [{ perMib: '0', freeBytes: 42_000_000 }, 'It uses about 10 MB of your free data; 42 MB are left today.'],
    [{ perMib: '0', freeBytes: null }, 'It uses about 10 MB and is free.'],
  ])('says before what it costs, and sends nothing until that is confirmed', async (price, words) => {
    await open({ price });
    await page.click('Test the speed');
    expect(page.text).toContain(words);
    expect(started()).toBe(0);
    await page.click('Not now');
    expect(page.text).not.toContain(words);
    await page.click('Test the speed');
    page.answers['activity/start-speed'] = { is: 'running', run, phase: 'latency', bytes: 0 };
    await page.click('Start');
    expect(started()).toBe(1);
    expect(state()).toBe('Measuring the round trip…');
  });

  test('is offered while there is a circuit', async () => {
    await open({ price: null });
    expect(page.all('button')).not.toContain('Test the speed');
  });

  test('can be cancelled while it runs', async () => {
    await open({ speed: { is: 'running', run, phase: 'down', bytes: 3_000_000 } });
    expect(state()).toBe('Measuring the way to you… 3 MB');
    page.answers['activity/cancel-speed'] = { is: 'failed', run, why: 'cancelled' };
    await page.click('Cancel the test');
    expect(state()).toBe('The test was cancelled. What had passed by then counts.');
  });

  test('that the worker knows nothing of any more is said to be cut off', async () => {
    await open({ speed: { is: 'running', run, phase: 'up', bytes: 0 } });
    await poll({ is: 'none' });
    expect(state()).toContain('The test was cut off');
    expect(page.all('button')).toContain('Test the speed');
  });

  test.each([
    [
      { is: 'done', run, latencyMs: 41.6, downBitsPerSecond: 93_260_000, upBitsPerSecond: 12_000_000 } as const,
      'Round trip 42 ms, down 93.3 Mbit/s, up 12 Mbit/s.',
    ],
    [
      { is: 'done', run, latencyMs: 900, downBitsPerSecond: 1_000_000, upBitsPerSecond: null } as const,
      'Round trip 900 ms, down 1 Mbit/s. The way up was too slow to measure.',
    ],
    [
      { is: 'failed', run, why: 'circuit-changed' } as const,
      'The circuit changed during the test, so there is no result.',
    ],
    [{ is: 'failed', run, why: 'not-offered' } as const, 'This exit offers no speed test. Another exit may.'],
  ])('tells of %j', async (speed, words) => {
    await open({ speed });
    expect(state()).toBe(words);
  });
});
