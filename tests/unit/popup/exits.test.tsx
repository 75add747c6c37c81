// @vitest-environment happy-dom
// The choice of an exit: what there is, what a search finds, what is sent, where a refusal is said, and that a stranger's words are text.

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { beforeEach, describe, expect, test } from 'vitest';
import { findPlaces, MAX_ROWS } from '../../../popup/exits/find-places.ts';
import { CircuitPicture } from '../../../popup/home/circuit-picture.tsx';
import type { ExitPlace, ExitsView } from '../../../src/core/circuit/exits-view.ts';
import { PopupPage } from '../../support/popup-page.tsx';

const MARKUP = '<img/src=x/onerror=alert(1)>';
const place = (region: string, exits: number, ...names: string[]): ExitPlace => ({
  ...{ region, exits, all: Math.max(exits, 2), moreOperators: 0 },
  operators: names.map((name) => ({ name, relays: 1 })),
});
const VIEW: ExitsView = {
  ...{
    isForSite: false,
    site: undefined,
    isPrivate: true,
    choice: undefined,
    now: { region: 'NL', operator: 'cedar' },
  },
  places: [place('AT', 2, 'oak', 'fir'), place('CH', 0), place('IS', 1, 'elm'), place('NL', 2, 'cedar', MARKUP)],
  ...{ free: 0, standing: 3, favourites: [], recent: [] },
};

let page: PopupPage;
beforeEach(() => {
  page = new PopupPage();
});

async function open(view: Partial<ExitsView> = {}): Promise<void> {
  page.answers['exits/read'] = { ...VIEW, ...view };
  page.answers['exits/choose'] = { ...VIEW, ...view };
  await page.open('exits');
}
const search = (words: string): Promise<void> => page.type('Search by country or operator', words);
const choices = () =>
  [...document.querySelectorAll<HTMLElement>('[data-choice]')].map(({ dataset }) => dataset['choice']);
const button = (choice: string) => document.querySelector<HTMLButtonElement>(`[data-choice="${choice}"]`)!;
const click = async (element: HTMLElement): Promise<void> => {
  await act(() => element.click());
  await page.settled();
};
const sent = () => page.sent.filter(({ type }) => type !== 'exits/read');
const found = () => document.querySelector('[data-found]')?.textContent;

describe('the choice of an exit', () => {
  test('shows each country with how many exits of how many operators; what cannot be had comes last, and says why', async () => {
    await open();
    expect(choices()).toEqual(['fastest', 'free', 'AT', 'IS', 'NL', 'CH']);
    expect(button('AT').textContent).toBe('ATAustria2 exits · 2 operators');
    expect(button('CH').disabled).toBe(true);
    expect(button('CH').textContent).toContain('2 exits, none of which your wishes and your entries allow');
    expect(button('fastest').textContent).toContain('Of the 3 exits that there is a way to now');
    expect(button('free').disabled).toBe(true);
    expect(page.text).toContain('In this browser your choice is for all private tabs.');
    expect(document.activeElement?.id).toBe('exit-search');
  });

  test.each([
    ['ice', ['IS'], '1 country'],
    ['IS', ['IS'], '1 country'],
    ['AUSTRIA', ['AT'], '1 country'],
    ['zz', [], 'No country found'],
    ['  ', ['fastest', 'free', 'AT', 'IS', 'NL', 'CH'], '4 countries'],
  ])('a search for “%s” finds %j, and says how many', async (words, wanted, said) => {
    await open();
    await search(words);
    expect(choices()).toEqual(wanted);
    expect(found()).toBe(said);
    expect(document.querySelector('[data-found]')?.getAttribute('role')).toBe('status');
  });

  test('a search for an operator shows whose exits it finds, and one of them can be chosen', async () => {
    await open();
    await search('ELM');
    expect(choices()).toEqual(['IS', 'IS elm']);
    await click(button('IS elm'));
    expect(sent()).toEqual([
      { type: 'exits/choose', data: { tab: 1, choice: { kind: 'operator', region: 'IS', operator: 'elm' } } },
    ]);
    expect(page.route).toBe('home');
  });

  test.each([
    ['AT', { kind: 'region', region: 'AT' }],
    ['fastest', { kind: 'fastest' }],
  ])('a click on %s sends it for the tab, and leads to the first view', async (name, choice) => {
    await open();
    await click(button(name));
    expect(sent()).toEqual([{ type: 'exits/choose', data: { tab: 1, choice } }]);
    expect(page.route).toBe('home');
  });

  test.each([
    ['exit-wishes', 'No exit there fits your wishes. The tab stays on the one it has.'],
    ['exit-unreachable', 'No exit there can be reached now. The tab stays on the one it has.'],
    ['exit-none', 'No exit is known there. The tab stays on the one it has.'],
    ['exit-no-way', 'None of the entries that this browser stays with leads to an exit there.'],
    ['exit-full', 'As many exits are in use as there can be at once.'],
    ['exit-no-site', 'Open a site in this tab first.'],
    ['always-private', 'Everything in this window or container is private.'],
  ])('a refusal (%s) is said in words, and the list stays', async (code, words) => {
    await open();
    page.answers['exits/choose'] = new Error(code);
    await click(button('AT'));
    expect(page.trouble).toContain(words);
    expect(page.route).toBe('exits');
    expect(choices()).toContain('AT');
  });

  test('what holds now is marked for who sees it and who hears it, and can be ended', async () => {
    await open({ choice: { kind: 'region', region: 'IS' }, isForSite: true, site: 'shop.test' });
    expect(button('IS').getAttribute('aria-current')).toBe('true');
    expect(button('AT').getAttribute('aria-current')).toBe('false');
    expect(page.text).toContain('Your choice is for shop.test alone.');
    await click(button('any'));
    expect(sent()).toEqual([{ type: 'exits/choose', data: { tab: 1, choice: { kind: 'any' } } }]);
  });

  test('a star keeps a country, recent ones are offered again, and a tab that is not private is said to become so', async () => {
    const recent = [{ kind: 'operator', region: 'NL', operator: 'cedar' }] as const;
    await open({ favourites: ['IS'], recent, isPrivate: false });
    expect(page.all('h2')).toEqual(['Favourites', 'Recent', 'All countries']);
    expect(page.all('[data-list=favourites] .place-name')).toEqual(['Iceland']);
    expect(page.all('[data-list=recent] .place-name')).toEqual(['cedar in Netherlands']);
    expect(page.text).toContain('This tab becomes private with your choice.');
    const star = document.querySelector<HTMLButtonElement>('[data-list=all] [data-mark=IS]')!;
    expect([star.getAttribute('aria-pressed'), star.getAttribute('aria-label')]).toEqual([
      'true',
      'Keep Iceland among the favourites',
    ]);
    page.answers['exits/mark'] = { ...VIEW, favourites: [] };
    await click(star);
    expect(sent()).toEqual([{ type: 'exits/mark', data: { tab: 1, region: 'IS', wanted: false } }]);
    expect(page.all('h2')).not.toContain('Favourites');
  });

  test('an operator’s words are text, apart from what stands around them', async () => {
    await open({ recent: [{ kind: 'operator', region: 'NL', operator: MARKUP }] });
    await search('img');
    expect(document.querySelector('img')).toBeNull();
    expect(page.all('.operators bdi')).toEqual([MARKUP]);
    await search('');
    expect(page.all('[data-list=recent] bdi')[0]).toContain(MARKUP);
  });

  test('what the worker cannot answer is said', async () => {
    page.answers['exits/read'] = new Error('internal');
    await page.open('exits');
    expect(page.trouble).toContain('failed to answer');
  });
});

describe('two thousand exits', () => {
  const codes = Array.from({ length: 400 }, (_, at) => String.fromCharCode(65 + Math.floor(at / 26), 65 + (at % 26)));
  const many = codes.map((code) => place(code, 5, `op-${code}`));

  test('are drawn within a bound, and the rest is found by its name', async () => {
    await open({ places: many });
    const rows = document.querySelectorAll('[data-list=all] .place-row');
    expect(rows).toHaveLength(MAX_ROWS);
    expect(page.text).toContain(`${400 - MAX_ROWS} more countries are not shown. Search to find them.`);
    await search('op-JQ');
    expect(choices()).toContain('JQ op-JQ');
  });

  test('are searched without a wait, whatever is typed', () => {
    const names = { nameOf: (code: string) => `Land ${code}`, language: 'en' };
    const since = performance.now();
    for (const typed of ['', 'land', 'op-', '\u202e', 'x'.repeat(100), '(((', '\\']) findPlaces(many, typed, names);
    expect(performance.now() - since).toBeLessThan(1000);
    const accents = { nameOf: () => 'Österreich', language: 'de' };
    expect(findPlaces([place('AT', 1)], 'osterr', accents)).toHaveLength(1);
  });
});

test('the picture of a circuit shows the times that were measured, has room for the others, and reads as a list', async () => {
  const root = document.createElement('main');
  document.body.replaceChildren(root);
  const hop = (role: 'You' | 'Entry' | 'Exit' | 'Site', more: object) => ({
    is: role.toLowerCase() as Lowercase<typeof role>,
    role,
    name: role.toLowerCase(),
    place: undefined,
    lit: true,
    ...more,
  });
  const relays = (exitMs: number | undefined) => [
    ...[hop('You', {}), hop('Entry', { place: 'Germany', region: 'DE', ms: 42.4 })],
    ...[hop('Exit', { name: MARKUP, place: 'Iceland', region: 'IS', ms: exitMs }), hop('Site', {})],
  ];
  const draw = (exitMs: number | undefined) =>
    act(() => render(<CircuitPicture hops={relays(exitMs)} isInUse />, root));
  await draw(95);
  const texts = (selector: string) => [...root.querySelectorAll(selector)].map(({ textContent }) => textContent);
  expect(texts('li .ms')).toEqual(['', '42 ms', '95 ms', '']);
  expect(texts('figcaption')).toEqual(['An answer of the entry takes 42.4 ms, one of the exit 95 ms.']);
  expect(root.querySelector('ol')?.getAttribute('aria-label')).toBe('The way of this tab’s traffic');
  expect(root.querySelector('img')).toBeNull();
  expect(texts('.code')).toEqual(['DE', 'IS']);
  const elements = root.querySelectorAll('*').length;
  await draw(undefined);
  expect(texts('li .ms')).toEqual(['', '42 ms', '', '']);
  expect(texts('figcaption')).toEqual(['An answer of the entry takes 42.4 ms.']);
  // The same boxes: nothing comes or goes with a figure.
  expect(root.querySelectorAll('*')).toHaveLength(elements);
});
