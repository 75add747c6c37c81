// @vitest-environment happy-dom
// The popup's list of sites: what is typed, chosen and brought in, each mistake beside its field and nothing lost by it.

import { h, render } from 'preact';
import { act } from 'preact/test-utils';
import { beforeEach, describe, expect, test } from 'vitest';
import { SiteLine, type SiteLineProps } from '../../../popup/home/site-line.tsx';
import { merge, withoutRule, withRule, type SiteRule } from '../../../src/core/state/site-rules.ts';
import { MAX_SITES_FILE, writeSitesFile } from '../../../src/core/state/sites-file.ts';
import { PopupPage } from '../../support/popup-page.tsx';

let popup: PopupPage;
let rules: SiteRule[];
let isLost: boolean;
let exits: string[] | undefined;

/** The worker as the views meet it. */
beforeEach(async () => {
  popup = new PopupPage();
  rules = [];
  isLost = false;
  exits = ['CH', 'IS', 'NL'];
  const view = () => ({ rules, isLost, exits });
  const change = (next: SiteRule[]) => {
    rules = next;
    isLost = false;
    return view();
  };
  popup.answers['sites/read'] = view;
  popup.answers['sites/set-rule'] = (rule: SiteRule) => change(withRule(rules, rule));
  popup.answers['sites/remove'] = ({ host }: { host: string }) => change(withoutRule(rules, host));
  popup.answers['sites/import'] = (data: { rules: SiteRule[] }) => change(merge(rules, data.rules).rules);
  await popup.open('sites');
});

const field = (): HTMLInputElement => document.querySelector<HTMLInputElement>('#site')!;
const beside = (name: string): string => document.querySelector(`#${name}-note`)?.textContent.trim() ?? '';
const kept = (): string[] => rules.map(({ host, mode, exit }) => [host, mode, exit].filter(Boolean).join(' '));
const press = (selector: string): Promise<void> => {
  document.querySelector<HTMLElement>(selector)!.click();
  return popup.settled();
};
const changes = (): string[] => popup.all('[data-changes] li');
const file = (change: object): string => JSON.stringify({ format: 'conet-sites', version: 1, rules: [], ...change });

describe('the list', () => {
  test('takes what is typed, and says where only a part of it counts', async () => {
    expect(popup.text).toContain('There are no rules yet.');
    await popup.type('Site', 'example.org');
    await popup.click('Add');
    expect(beside('site')).toBe('Saved: example.org');
    expect(field().value).toBe('');
    await popup.type('Site', 'https://News.test/path?x');
    await popup.click('Never private');
    await popup.click('Add');
    expect(beside('site')).toBe('Saved: news.test. Only the name counts, and everything below it.');
    await popup.type('Site', 'bücher.example');
    await popup.click('Add');
    expect(beside('site')).toBe('Saved: xn--bcher-kva.example. That is how browsers write bücher.example.');
    expect(kept()).toEqual(['example.org always', 'news.test never', 'xn--bcher-kva.example never']);
    expect(popup.all('h2')).toContain('3 rules');
  });

  test.each([
    ['', 'Type the name of a site, such as example.org.'],
    ['two words', 'That is not the name of a web site. Type it as in example.org.'],
    ['ex*mple.org', 'A * can only stand before the first dot of a name.'],
    ['co.uk', 'That is an ending of many sites, and not a site.'],
    ['192.168.1.1', 'That is on this device or its own network'],
    ['a.'.repeat(200) + 'example', 'That is longer than the name of a site can be.'],
  ])('says beside the field what is wrong with %j, and keeps it there', async (typed, words) => {
    await popup.type('Site', typed);
    await popup.click('Add');
    expect(beside('site')).toContain(words);
    expect(field().value).toBe(typed);
    expect(field().getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(field());
    expect(popup.sent.map(({ type }) => type)).toEqual(['sites/read']);
  });

  test('says what the worker refuses, and keeps what was typed', async () => {
    popup.answers['sites/set-rule'] = new Error('sites-full');
    await popup.type('Site', 'example.org');
    await popup.click('Add');
    expect(popup.text).toContain('There are as many rules as can be kept. Remove one first.');
    expect(field().value).toBe('example.org');
  });

  test('changes and removes a rule, each button by the name of its site', async () => {
    rules = [
      { host: 'a.test', mode: 'always' },
      { host: 'b.test', mode: 'never' },
    ];
    await popup.open('home');
    await popup.open('sites');
    await press('[data-site="a.test"] [data-action=change]');
    expect(kept()).toEqual(['a.test never', 'b.test never']);
    await press('[data-site="a.test"] [data-action=remove]');
    expect(kept()).toEqual(['b.test never']);
    expect(document.querySelector('p[role=status]')?.textContent).toBe('Removed: a.test');
  });

  test('is searched where it is long', async () => {
    rules = Array.from({ length: 12 }, (_, at): SiteRule => ({ host: `s${at}.test`, mode: 'always' }));
    await popup.open('home');
    await popup.open('sites');
    await popup.type('Search', 'S11');
    expect(popup.all('.rows strong')).toEqual(['s11.test']);
    expect(beside('search')).toBe('1 rule found');
  });

  test('that is lost is said, and begins anew', async () => {
    isLost = true;
    await popup.open('home');
    await popup.open('sites');
    expect(popup.text).toContain('Your list cannot be read any more');
    await popup.type('Site', 'example.org');
    await popup.click('Add');
    expect(popup.text).not.toContain('Your list cannot be read any more');
  });

  test('takes a ready-made list without touching a rule that is there', async () => {
    rules = [{ host: 'bing.com', mode: 'never' }];
    await popup.open('home');
    await popup.open('sites');
    await press('[data-action="preset-search"]');
    expect(kept()).toContain('bing.com never');
    expect(kept()).toContain('duckduckgo.com always');
    expect(rules.length).toBeGreaterThanOrEqual(5);
    expect(document.querySelector<HTMLButtonElement>('[data-action="preset-search"]')?.disabled).toBe(true);
  });
});

describe('the country of a rule', () => {
  const select = (site?: string): HTMLSelectElement | null =>
    document.querySelector(site === undefined ? '#new-exit' : `[data-site="${site}"] select`);
  const pick = async (from: HTMLSelectElement | null, value: string): Promise<void> => {
    from!.value = value;
    await act(() => void from!.dispatchEvent(new Event('change', { bubbles: true })));
    await popup.settled();
  };
  const optionsOf = (from: HTMLSelectElement | null): string[] =>
    [...(from?.options ?? [])].map(({ textContent }) => textContent);
  const open = async (of: SiteRule[]): Promise<void> => {
    rules = of;
    await popup.open('home');
    await popup.open('sites');
  };

  test('is chosen with the rule, for a site that is always private or for its country alone', async () => {
    expect(optionsOf(select())).toEqual(['Any country', 'Iceland', 'Netherlands', 'Switzerland']);
    await popup.type('Site', 'example.org');
    await pick(select(), 'IS');
    await popup.click('Add');
    await popup.click('Private when the tab is');
    await popup.type('Site', 'news.test');
    await popup.click('Add');
    expect(kept()).toEqual(['example.org always IS', 'news.test exit IS']);
  });

  test('is none of a site that is never private', async () => {
    await pick(select(), 'IS');
    await popup.click('Never private');
    expect(select()?.disabled).toBe(true);
    await popup.type('Site', 'bank.test');
    await popup.click('Add');
    expect(kept()).toEqual(['bank.test never']);
  });

  test.each([
    ['Private when the tab is', 'example.org', '', 'Choose a country.'],
    ['Always private', 'www.example.org', 'IS', 'All of a site leaves by one exit.'],
  ])('that is wrong is said beside it: %s, %s, %j', async (mode, site, exit, words) => {
    await popup.click(mode);
    await popup.type('Site', site);
    await pick(select(), exit);
    await popup.click('Add');
    expect(beside('new-exit')).toContain(words);
    expect(select()?.getAttribute('aria-invalid')).toBe('true');
    expect([field().value, kept()]).toEqual([site, []]);
  });

  test('is changed in the list, by a field that is named by its site, and any is any', async () => {
    await open([{ host: 'a.test', mode: 'always' }]);
    expect(select('a.test')?.getAttribute('aria-label')).toBe('Country of the exit for a.test');
    await pick(select('a.test'), 'CH');
    expect(kept()).toEqual(['a.test always CH']);
    expect(select('a.test')?.value).toBe('CH');
    await pick(select('a.test'), '');
    expect(rules).toEqual([{ host: 'a.test', mode: 'always' }]);
  });

  test('stays where no exit is known there now; a rule that is nothing else always has one', async () => {
    await open([{ host: 'a.test', mode: 'exit', exit: 'NZ' }]);
    expect(select('a.test')?.value).toBe('NZ');
    expect(optionsOf(select('a.test'))).toEqual(['Iceland', 'Netherlands', 'New Zealand', 'Switzerland']);
    await press('[data-site="a.test"] [data-action=change]');
    expect(kept()).toEqual(['a.test always NZ']);
    await press('[data-site="a.test"] [data-action=change]');
    expect(kept()).toEqual(['a.test never']);
    expect(select('a.test')).toBeNull();
  });

  test('of a part of a site is that of the site', async () => {
    await open([{ host: 'www.shop.test', mode: 'always' }]);
    expect(select('www.shop.test')).toBeNull();
    expect(popup.text).toContain('A country is set for all of shop.test.');
  });

  test('cannot be set where the browser does not tell sites apart: it is shown, kept, and said to have no effect', async () => {
    exits = undefined;
    await open([{ host: 'a.test', mode: 'always', exit: 'IS' }]);
    expect(document.querySelector('select')).toBeNull();
    expect(popup.text).toContain('In this browser a country is for all private tabs');
    expect(document.querySelector('[data-site="a.test"]')?.textContent).toContain('Exit in Iceland');
    expect(popup.text).not.toContain('Private when the tab is');
    await popup.type('Site', 'a.test');
    await popup.click('Add');
    expect(kept()).toEqual(['a.test always IS']);
  });

  test('that differs in a file is a change, and is shown', async () => {
    rules = [{ host: 'a.test', mode: 'always', exit: 'IS' }];
    await popup.open('sites/file');
    const text = JSON.stringify({
      ...{ format: 'conet-sites', version: 1 },
      rules: [{ site: 'a.test', mode: 'always', exit: 'CH' }],
    });
    await popup.type('Or paste what is in it', text);
    await popup.click('Look at what it changes');
    expect(changes()[1]).toBe('1 rule changes');
    expect(popup.text).toContain('Exit in Switzerland');
    await popup.click('Bring it in');
    expect(kept()).toEqual(['a.test always CH']);
  });
});

describe('a file', () => {
  const mine: SiteRule[] = [
    { host: 'a.test', mode: 'always' },
    { host: 'b.test', mode: 'never' },
  ];
  beforeEach(async () => {
    rules = mine;
    await popup.open('sites/file');
  });
  const paste = async (text: string): Promise<void> => {
    await popup.type('Or paste what is in it', text);
    await popup.click('Look at what it changes');
  };
  const pasted = (): string => document.querySelector<HTMLTextAreaElement>('#pasted')!.value;
  const choose = async (chosen: File): Promise<void> => {
    const input = document.querySelector<HTMLInputElement>('#file')!;
    Object.defineProperty(input, 'files', { value: [chosen], configurable: true });
    await act(() => void input.dispatchEvent(new Event('change', { bubbles: true })));
    await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
  };

  test('holds the whole list', () => {
    const href = document.querySelector('[data-action="save"]')?.getAttribute('href') ?? '';
    expect(decodeURIComponent(href.slice(href.indexOf(',') + 1))).toBe(writeSitesFile(mine));
  });

  test('shows what it would change before it does, and loses nothing', async () => {
    const more = [
      { site: 'A.test', mode: 'never' },
      { site: 'b.test', mode: 'never' },
      { site: '*.c.test', mode: 'always' },
    ];
    await paste(file({ rules: more }));
    expect(changes()).toEqual(['1 new rule', '1 rule changes', '1 rule stays the same']);
    expect(kept()).toEqual(['a.test always', 'b.test never']);
    await popup.click('Bring it in');
    expect(kept()).toEqual(['a.test never', 'b.test never', 'c.test always']);
    expect(popup.text).toContain('Done.');
  });

  test('is chosen as well as pasted', async () => {
    await choose(new File([writeSitesFile([{ host: 'c.test', mode: 'always' }])], 'sites.json'));
    expect(changes()[0]).toBe('1 new rule');
  });

  test('that is too large is refused before it is read', async () => {
    const large = new File(['x'.repeat(MAX_SITES_FILE + 1)], 'sites.json');
    let isRead = false;
    large.text = () => {
      isRead = true;
      return Promise.resolve('');
    };
    await choose(large);
    expect(beside('pasted')).toContain('That is larger than 1 MB');
    expect(isRead).toBe(false);
  });

  test.each([
    ['', 'There is nothing in it.'],
    ['<html>', 'That is no JSON.'],
    [file({ format: 'foxyproxy' }), 'That is a file of another program'],
    [file({ version: 2 }), 'That file is of a newer version of this extension.'],
    [file({ rules: [{ site: 'com', mode: 'always' }] }), 'Rule 1 of the file is wrong. Nothing was changed.'],
    [file({ rules: [{ site: 'com', mode: 'always' }] }), 'That is an ending of many sites'],
    [
      file({
        rules: [
          { site: 'x.test', mode: 'always' },
          { site: 'X.test', mode: 'never' },
        ],
      }),
      'Rule 2 of the file is for a site that has one before it.',
    ],
  ])('%.40s is refused beside the field: %s', async (text, words) => {
    await paste(text);
    expect(beside('pasted')).toContain(words);
    expect(pasted()).toBe(text);
    expect(changes()).toEqual([]);
    expect(kept()).toEqual(['a.test always', 'b.test never']);
  });

  test('a plan is gone when what it was made of is changed', async () => {
    await paste(file({ rules: [{ site: 'c.test', mode: 'always' }] }));
    expect(changes()).not.toEqual([]);
    await popup.type('Or paste what is in it', 'else');
    expect(changes()).toEqual([]);
  });
});

describe('the line of the first view', () => {
  const draw = async (rule: SiteLineProps['rule']): Promise<[string, SiteRule | undefined][]> => {
    const set: [string, SiteRule | undefined][] = [];
    const root = document.createElement('main');
    document.body.replaceChildren(root);
    await act(() => render(h(SiteLine, { rule, onSetRule: (host, next) => void set.push([host, next]) }), root));
    return set;
  };
  const box = (): HTMLInputElement => document.querySelector<HTMLInputElement>('[name="always-private"]')!;

  test('is a box for the site of the tab', async () => {
    const set = await draw({ host: 'shop.test', mode: undefined, isAside: false });
    expect(document.body.textContent).toContain('Always open shop.test private');
    expect(box().checked).toBe(false);
    box().click();
    expect(set).toEqual([['shop.test', { host: 'shop.test', mode: 'always' }]]);
    const unset = await draw({ host: 'shop.test', mode: 'always', isAside: true });
    expect(box().checked).toBe(true);
    expect(document.body.textContent).toContain('Not in this tab for now');
    box().click();
    expect(unset).toEqual([['shop.test', undefined]]);
  });

  test('keeps the country of a rule, whichever way the box goes', async () => {
    const at = { host: 'shop.test', exit: 'IS' };
    const set = await draw({ ...at, mode: 'exit', isAside: false });
    expect(box().checked).toBe(false);
    box().click();
    const unset = await draw({ ...at, mode: 'always', isAside: false });
    box().click();
    expect([...set, ...unset]).toEqual([
      ['shop.test', { ...at, mode: 'always' }],
      ['shop.test', { ...at, mode: 'exit' }],
    ]);
  });

  test('says that the list is lost', async () => {
    await draw('lost');
    expect(document.body.textContent).toContain('Your list cannot be read any more');
  });

  test('says that a rule keeps the site out, and takes it back', async () => {
    const set = await draw({ host: 'bank.test', mode: 'never', isAside: false });
    expect(document.body.textContent).toContain('bank.test is never private: you said so.');
    document.querySelector<HTMLButtonElement>('[data-action="remove-rule"]')!.click();
    expect(set).toEqual([['bank.test', undefined]]);
  });
});
