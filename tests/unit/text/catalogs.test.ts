// The catalog of each language says all that English says, with the same gaps, in the form that browsers and formatter take.

import { describe, expect, test } from 'vitest';
import { LANGUAGES, type Language } from '../../../src/core/text/languages.ts';
import { keysWritten, localeFolders, partsOf, readMessages } from '../../support/catalogs.ts';

const english = readMessages('en');
const folders = localeFolders();
const present = LANGUAGES.filter(({ folder }) => folders.includes(folder));

/** Said in the browser and not by the formatter: no plurals, and nothing else that needs one. */
const PLAIN = /^(?:app|command|worker|language)_/;

/** Text of more than three words that is the same in some languages, by key, each with its reason. */
const SAME: Readonly<Record<string, { folders: readonly string[]; reason: string }>> = {
  settings_lock_minutes: { folders: ['fr'], reason: 'minutes are minutes in French' },
};

/** A number may choose a plural in one language and none in another. */
const gapsOf = (message: string, tag: string): string[] => [
  ...new Set(partsOf(message, tag).gaps.map((gap) => gap.replace(/:(?:number|plural)$/, ':a number'))),
];

const wordsOf = (message: string): number => message.split(/\s+/).filter((word) => /\p{L}{2}/u.test(word)).length;

test('every language of the list has a folder', () => {
  expect(LANGUAGES.map(({ folder }) => folder).filter((folder) => !folders.includes(folder))).toEqual([]);
});

test('every folder is a language of the list', () => {
  expect(folders.filter((folder) => !LANGUAGES.some((language) => language.folder === folder))).toEqual([]);
});

describe.each(present)('$tag', (language: Language) => {
  const { tag, folder } = language;
  const messages = readMessages(folder);
  const entries = Object.entries(messages);

  test('has the keys of English, each once, and says which language it is', () => {
    expect(keysWritten(folder).toSorted()).toEqual(Object.keys(english).toSorted());
    expect(messages['language_tag']).toBe(tag);
  });

  test('has no message that is empty, ends in space, or holds what the browser would take for a placeholder', () => {
    for (const [key, message] of entries) expect(message, key).toMatch(/^\S[^$]*(?<=\S)$/);
  });

  test('has the gaps of English in each message', () => {
    for (const [key, message] of entries) {
      expect(gapsOf(message, tag), key).toEqual(gapsOf(english[key] ?? '', 'en'));
    }
  });

  test('has plurals of the categories that the language knows, and each has the one for all others', () => {
    const known = new Intl.PluralRules(tag).resolvedOptions().pluralCategories as string[];
    for (const [key, message] of entries) {
      for (const plural of partsOf(message, tag).plurals) {
        expect(plural, key).toContain('other');
        expect(
          plural.filter((category) => !known.includes(category) && !/^=\d+$/.test(category)),
          key,
        ).toEqual([]);
      }
    }
  });

  test('has only texts with plain gaps where no formatter is', () => {
    for (const [key, message] of entries.filter(([key]) => PLAIN.test(key))) {
      expect(message.replaceAll(/\{\w+\}/g, ''), key).not.toMatch(/[{}#]/);
      // Chrome reads suggestions as XML, and titles of menus have shortcuts.
      expect(message, key).not.toMatch(/[<>&]/);
      // Nobody fills those of the manifest.
      if (!key.startsWith('worker_')) expect(message, key).not.toMatch(/[{}]/);
    }
  });

  test('fits where the stores and browsers show it', () => {
    // developer.chrome.com, manifest: name 75 characters, short name 12, description 132.
    for (const [key, most] of [
      ['app_name', 75],
      ['app_short_name', 12],
      ['app_description', 132],
    ] as const) {
      expect(messages[key]?.length, key).toBeLessThanOrEqual(most);
    }
  });

  test.skipIf(tag === 'en')('is translated', () => {
    const same = entries.filter(
      ([key, message]) =>
        message === english[key] && wordsOf(message) > 3 && SAME[key]?.folders.includes(folder) !== true,
    );
    expect(same).toEqual([]);
  });
});
