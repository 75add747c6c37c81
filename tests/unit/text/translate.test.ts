// How a message becomes what a person reads: plurals and numbers of the language, and what happens when something is missing.

import { afterEach, describe, expect, test } from 'vitest';
import { fillGaps } from '../../../src/core/text/fill-gaps.ts';
import { ENGLISH, LANGUAGES, languageOf } from '../../../src/core/text/languages.ts';
import { text, type MessageKey } from '../../../src/core/text/text.ts';
import { listOf, numberOf, regionName } from '../../../src/text/formats.ts';
import { speak } from '../../../src/text/speak.ts';
import { language, say, t, useCatalog } from '../../../src/text/translate.ts';
import { english } from '../../support/english.ts';

/** One message under some key, in a language. */
const KEY: MessageKey = 'check_bad';
function given(tag: string, message: string): void {
  useCatalog({ language: languageOf(tag), message: (key) => (key === KEY ? message : '') });
}
afterEach(() => useCatalog({ language: ENGLISH, message: english }));

describe('a plural is that of the language', () => {
  const forms = (counts: number[]): string[] => counts.map((count) => t(KEY, { count }));

  test('Russian', () => {
    given('ru', '{count, plural, one {# вкладка} few {# вкладки} many {# вкладок} other {# вкладки}}');
    expect(forms([1, 3, 11, 21, 105])).toEqual(['1 вкладка', '3 вкладки', '11 вкладок', '21 вкладка', '105 вкладок']);
  });

  test('Arabic', () => {
    given('ar', '{count, plural, zero {Z} one {O} two {T} few {F} many {M} other {X}}');
    expect(forms([0, 1, 2, 3, 11, 100])).toEqual(['Z', 'O', 'T', 'F', 'M', 'X']);
  });

  test('Japanese, which has one', () => {
    given('ja', '{count, plural, other {タブ#個}}');
    expect(forms([1, 2])).toEqual(['タブ1個', 'タブ2個']);
  });
});

test('numbers, lists and regions are written as the language writes them', () => {
  given('de', '{count, number} Wörter');
  expect(t(KEY, { count: 1234.5 })).toBe('1.234,5 Wörter');
  expect(numberOf(1234.5)).toBe('1.234,5');
  expect(listOf(['A', 'B', 'C'])).toBe('A, B und C');
  expect(regionName('DE')).toBe('Deutschland');
  expect(regionName('nowhere')).toBe('nowhere');
});

test('a value that is missing is a fault, and a key without a message is seen as the key', () => {
  given('en', 'Turn off {names}');
  expect(() => t(KEY)).toThrow(/names/);
  expect(t('home_check')).toBe('home_check');
});

test('a value is text and nothing else: it opens no gap and no element', () => {
  given('en', 'Turn off {names}');
  expect(t(KEY, { names: '{count} <b>' })).toBe('Turn off {count} <b>');
  given('en', 'a <b>word</b> of {names}');
  expect(t(KEY, { names: 'A' })).toBe('a <b>word</b> of A');
});

test('another catalog takes the place of the one before, whatever was said already', () => {
  given('de', 'Hallo {names}');
  expect(t(KEY, { names: 'A' })).toBe('Hallo A');
  given('fr', 'Salut {names}');
  expect(say(text(KEY, { names: 'A' }))).toBe('Salut A');
  expect(language().tag).toBe('fr');
});

test('a page says in which language it is, and which way it is read', () => {
  const page = { documentElement: { lang: 'en', dir: '' }, title: 'CONET' };
  speak({ language: languageOf('ar'), message: () => 'عنوان' }, page as unknown as Document, 'app_name');
  expect(page).toEqual({ documentElement: { lang: 'ar', dir: 'rtl' }, title: 'عنوان' });
});

describe('gaps of the worker’s words', () => {
  test('are filled, each time that they come, and by nothing that is a gap itself', () => {
    expect(fillGaps('{a} and {b}, {a}', { a: '{b}', b: 2 })).toBe('{b} and 2, {b}');
  });

  test('stay where nothing is given', () => {
    expect(fillGaps('{a} {b}', { a: 1 })).toBe('1 {b}');
    expect(fillGaps('{toString}')).toBe('{toString}');
  });
});

describe('languages', () => {
  test('have tags as Intl writes them, and folders as browsers do', () => {
    for (const { tag, folder } of LANGUAGES) {
      expect(Intl.getCanonicalLocales(tag)).toEqual([tag]);
      expect(folder).toBe(tag.replace('-', '_'));
      expect(Intl.PluralRules.supportedLocalesOf(tag)).toEqual([tag]);
    }
    expect(new Set(LANGUAGES.map(({ tag }) => tag)).size).toBe(LANGUAGES.length);
  });

  test('are written the way that Intl knows', () => {
    for (const { tag, dir } of LANGUAGES) {
      const script = new Intl.Locale(tag).maximize().script ?? '';
      expect(dir, tag).toBe(/^(?:Arab|Hebr|Syrc|Thaa)$/.test(script) ? 'rtl' : 'ltr');
    }
  });

  test('that nobody translated are English', () => {
    for (const tag of ['', 'xx', 'de-AT', 'EN']) expect(languageOf(tag)).toBe(ENGLISH);
  });
});
