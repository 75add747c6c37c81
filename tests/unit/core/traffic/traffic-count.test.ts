// What the browser's news of requests come to for an entry: what surely passed, and the most that may have.

import { describe, expect, test } from 'vitest';
import { FASTEST, FASTEST_EVENTS, ON_ITS_WAY, REQUEST_BYTES, UNSEEN } from '../../../../src/core/traffic/bounds.ts';
import type { AnswerBody, RequestNews } from '../../../../src/core/traffic/request-news.ts';
import { Browser, ENTRY, OTHER } from '../../../support/fakes/request-news.ts';

const announced = (bytes: number): AnswerBody => ({ is: 'announced', bytes, partial: false });

describe('what is counted for an entry', () => {
  test('is what was announced and came whole, and beside it no more than heads and a handshake', () => {
    const browser = new Browser();
    browser.get(announced(5_000));
    expect(browser.total()).toEqual({
      least: 5_000,
      most: 5_100 + REQUEST_BYTES,
      blur: 100 + REQUEST_BYTES,
      pending: 0,
    });
    expect(browser.total(OTHER)).toEqual({ least: 0, most: 0, blur: 0, pending: 0 });
    expect(browser.count.bytesOf(7)).toBe(5_000);
  });

  test('is nothing of what went direct, came from the cache, or belongs to a tab that never goes there', () => {
    const browser = new Browser();
    browser.way = 'maybe';
    browser.get(announced(5_000), '203.0.113.9');
    browser.answer(browser.begin(), announced(5_000), null);
    browser.way = 'never';
    browser.get(announced(5_000));
    expect(browser.total()).toEqual({ least: 0, most: 0, blur: 0, pending: 0 });
  });

  test('of a cached answer that was asked about again is a head', () => {
    const browser = new Browser();
    browser.get({ is: 'none' });
    expect(browser.total()).toMatchObject({ least: 0, most: REQUEST_BYTES });
  });

  test('of a range surely nothing, since the browser may have had a part of it', () => {
    const browser = new Browser();
    browser.get({ is: 'announced', bytes: 5_000, partial: true });
    expect(browser.total()).toMatchObject({ least: 0, most: 5_100 + REQUEST_BYTES });
  });

  test('while it comes is bounded by the time it has been on, whatever was announced', () => {
    const browser = new Browser();
    browser.answer(browser.begin(), announced(1e12));
    browser.now += 3;
    expect(browser.total()).toMatchObject({
      least: 0,
      most: 3 * FASTEST + REQUEST_BYTES,
      pending: 3 * FASTEST + REQUEST_BYTES,
    });
  });

  test('when it fails is what may have come, and what was on its way', () => {
    const browser = new Browser();
    const id = browser.begin();
    browser.answer(id, announced(1e12));
    browser.now += 3;
    browser.end(id, 'failed');
    expect(browser.total()).toMatchObject({ least: 0, most: 3 * FASTEST + REQUEST_BYTES + ON_ITS_WAY, pending: 0 });
  });

  test.each<[string, number, Partial<Extract<RequestNews, { is: 'begun' }>>, AnswerBody]>([
    ['of an answer without a length', FASTEST, {}, { is: 'unknown' }],
    ['of a body that is sent', FASTEST, { sends: true }, announced(3)],
    ['of a stream of events', FASTEST_EVENTS, {}, { is: 'events' }],
  ])('%s is bounded by time alone', (_, rate, begun, body) => {
    const browser = new Browser();
    const id = browser.begin(begun);
    browser.answer(id, body);
    browser.now += 50;
    expect(browser.total().most).toBeGreaterThanOrEqual(50 * rate);
    browser.end(id);
    expect(browser.total()).toMatchObject({
      least: 0,
      most: 50 * rate + REQUEST_BYTES,
      blur: 50 * rate + REQUEST_BYTES,
    });
  });

  test('of a body that is sent may be any entry’s until somebody answers', () => {
    const browser = new Browser();
    const id = browser.begin({ sends: true });
    browser.now += 50;
    expect(browser.total(OTHER).pending).toBe(50 * FASTEST);
    browser.answer(id, { is: 'none' });
    expect(browser.total(OTHER).pending).toBe(0);
    expect(browser.total().pending).toBe(50 * FASTEST);
  });

  test('of a socket grows until its page or its tab is gone, though the browser calls it done when it is open', () => {
    for (const leave of ['page', 'tab', 'privacy'] as const) {
      const browser = new Browser();
      const id = browser.begin({ isSocket: true });
      browser.answer(id, { is: 'none' }, null);
      browser.end(id);
      browser.now += 500;
      expect(browser.total().pending).toBe(500 * FASTEST);
      if (leave === 'page') browser.answer(browser.begin({ isPage: true }), announced(1));
      if (leave === 'tab') browser.count.keepTabs((tab) => tab !== 7, browser.now);
      if (leave === 'privacy') browser.count.pass(browser.now, false);
      const { most } = browser.total();
      browser.now += 500;
      expect(browser.total().most - most).toBeLessThanOrEqual(2);
    }
  });

  test('is what the browser says, where it says it', () => {
    const browser = new Browser();
    const id = browser.begin();
    browser.answer(id, { is: 'unknown' });
    browser.now += 1_000;
    browser.end(id, 'whole', 7_000);
    expect(browser.total()).toEqual({
      least: 7_000,
      most: 7_140 + REQUEST_BYTES,
      blur: 140 + REQUEST_BYTES,
      pending: 0,
    });
  });

  test('of a private tab’s that another address answered may be any entry’s, and surely no one’s: some networks translate addresses', () => {
    const browser = new Browser();
    browser.get(announced(5_000), '64:ff9b::c000:201');
    for (const entry of [ENTRY, OTHER]) {
      expect(browser.total(entry)).toMatchObject({ least: 0, most: 5_100 + REQUEST_BYTES });
    }
  });

  test('holds no more open requests than it can carry, and forgets none of their bytes', () => {
    const browser = new Browser();
    for (let each = 0; each < 3_000; each += 1) browser.answer(browser.begin(), announced(1_000));
    browser.now += 1_000;
    expect(Object.keys(browser.count.state.open).length).toBeLessThanOrEqual(1_000);
    expect(browser.total().most).toBeGreaterThanOrEqual(3_000 * 1_000);
  });

  test('goes on in another worker, with what was on', () => {
    const browser = new Browser();
    browser.get(announced(5_000));
    const id = browser.begin();
    browser.answer(id, announced(9_000));
    browser.restart();
    browser.now += 10;
    browser.end(id);
    expect(browser.total()).toMatchObject({ least: 14_000, most: 14_280 + 2 * REQUEST_BYTES });
  });

  test('beside all news there is a little for what no news tell of, while something is private', () => {
    const browser = new Browser();
    browser.count.pass(browser.now, true);
    browser.count.pass((browser.now += 100), true);
    expect(browser.total()).toMatchObject({ most: 100 * UNSEEN, blur: 100 * UNSEEN });
    browser.count.pass(browser.now, false);
    browser.count.pass((browser.now += 100), true);
    expect(browser.total().most).toBe(100 * UNSEEN);
  });
});
