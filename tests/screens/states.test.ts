// What pictures do not show: where Tab leads, that the first view keeps its places whatever the tab becomes, that nothing moves for who wants it so, that the switch is seen in a person's own colours, and that
// the setting of the appearance wins over the system's.

import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { tabOrder } from '../../scripts/screens/audit.ts';
import { openGallery, type OpenInit } from '../../scripts/screens/gallery.ts';
import { takePicture } from '../../scripts/screens/pictures.ts';
import { LANGUAGES } from '../../src/core/text/languages.ts';

const gallery = await openGallery();
afterAll(() => gallery.close());

async function inStory<T>(name: string, init: OpenInit, look: (page: Page) => Promise<T>): Promise<T> {
  const story = gallery.stories.find((each) => each.name === name);
  if (story === undefined) throw new Error(`there is no story ${name}`);
  const page = await gallery.open(story, init);
  try {
    return await look(page);
  } finally {
    await page.close();
  }
}

describe('the keyboard', () => {
  test('begins on the switch, so that opening and Space are enough, and goes down the first view', async () => {
    const order = await inStory('home-private', {}, tabOrder);
    expect(order[0]).toBe('End private browsing in this tab');
    const wanted = ['Another exit', 'New identity', 'Wallet', 'Deposit', 'Is it working?', 'Relays'];
    // Others may stand between them.
    expect(order.filter((name) => wanted.includes(name))).toEqual(wanted);
  });

  test('begins in the first field of a form, and ends on its button', async () => {
    expect(await inStory('wallet-limits', {}, tabOrder)).toEqual([
      'At most in a day (USDC)',
      'At most in a session (USDC)',
      'Ask me above, per GB (USDC)',
      'Save the limits',
    ]);
  });
});

describe('the first view stays where it is', () => {
  /** What a person may be about to click or read, from top to bottom. */
  const PARTS = ['.switch', 'h1', '.sentence', '.circuit', '.said', '.change-exit', '.scope', '.traffic'];
  const BELOW = ['.purse', '.more', '.site-line'];

  /** Where each begins, in CSS pixels from the top. */
  const tops = (name: string, parts: readonly string[], lang = 'en'): Promise<Record<string, number>> =>
    inStory(name, { search: { lang } }, (page) =>
      page.evaluate((selectors) => {
        const topOf = (selector: string): number => {
          const part = document.querySelector(selector);
          if (part === null) throw new Error(`there is no ${selector}`);
          return Math.round(part.getBoundingClientRect().top);
        };
        return Object.fromEntries(selectors.map((selector) => [selector, topOf(selector)]));
      }, parts),
    );

  test.each(LANGUAGES.map(({ tag }) => tag))(
    'from the first moment over connecting to green, or to red, in %s',
    async (lang) => {
      const first = await tops('home-waiting', [...PARTS, ...BELOW], lang);
      for (const name of [
        'home-stored-off',
        'home-stored-on',
        'home-off',
        'home-connecting',
        'home-private',
        'home-blocked',
      ])
        expect(await tops(name, [...PARTS, ...BELOW], lang), name).toEqual(first);
    },
  );

  test('on another page, with an exit of its own for the site, a rule, traffic, and a deposit that waits', async () => {
    const first = await tops('home-waiting', [...PARTS, ...BELOW]);
    for (const name of ['home-off-other-page', 'home-private-deposit', 'home-private-strict', 'home-always'])
      expect(await tops(name, [...PARTS, ...BELOW]), name).toEqual(first);
  });

  test('the switch and the headline even where help or a question needs more room than there is', async () => {
    const parts = ['.switch', 'h1', '.sentence'];
    const first = await tops('home-waiting', parts);
    for (const name of ['home-refused', 'home-blocked-rival']) expect(await tops(name, parts), name).toEqual(first);
  });
});

describe('motion', () => {
  const running = (page: Page): Promise<number> =>
    page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);

  test.each(['home-connecting', 'held-waiting', 'components'])('%s holds still for who asked for it', async (name) => {
    expect(await inStory(name, { media: { reducedMotion: 'reduce' } }, running)).toBe(0);
    expect(await inStory(name, { media: { reducedMotion: 'no-preference' } }, running)).toBeGreaterThan(0);
  });
});

describe('forced colours', () => {
  /** What is behind the switch and on it, as the browser paints it. */
  const paint = (page: Page): Promise<{ track: string; knob: string; at: number }> =>
    page.evaluate(() => {
      const track = document.querySelector('.switch');
      const knob = document.querySelector('.switch .knob');
      if (track === null || knob === null) throw new Error('there is no switch');
      const at = knob.getBoundingClientRect().x - track.getBoundingClientRect().x;
      return { track: getComputedStyle(track).backgroundColor, knob: getComputedStyle(knob).backgroundColor, at };
    });

  test('leave the switch seen, and its two places apart', async () => {
    const init: OpenInit = { media: { forcedColors: 'active' } };
    const [off, on] = [await inStory('home-off', init, paint), await inStory('home-private', init, paint)];
    expect(off.knob).not.toBe(off.track);
    expect(on.knob).not.toBe(on.track);
    expect(on.track).not.toBe(off.track);
    expect(on.at).toBeGreaterThan(off.at);
    // And the other way round where one reads so.
    const [rtlOff, rtlOn] = [
      await inStory('home-off', { ...init, search: { dir: 'rtl' } }, paint),
      await inStory('home-private', { ...init, search: { dir: 'rtl' } }, paint),
    ];
    expect(rtlOn.at).toBeLessThan(rtlOff.at);
  });
});

test('the appearance that a person chose wins over that of the system', async () => {
  const picture = (theme: string | undefined) => async (page: Page) => {
    if (theme !== undefined)
      await page.evaluate((chosen) => (document.documentElement.dataset['theme'] = chosen), theme);
    return (await takePicture(page)).toString('base64');
  };
  const [light, dark] = (['light', 'dark'] as const).map((colorScheme): OpenInit => ({ media: { colorScheme } }));
  const asLight = await inStory('home-private', light ?? {}, picture(undefined));
  const asDark = await inStory('home-private', dark ?? {}, picture(undefined));
  expect(asDark).not.toBe(asLight);
  expect(await inStory('home-private', light ?? {}, picture('dark'))).toBe(asDark);
  expect(await inStory('home-private', dark ?? {}, picture('light'))).toBe(asLight);
});
