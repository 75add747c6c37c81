// Every message that the code names is there in English, and none is there that nothing names.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMessages } from '../../support/catalogs.ts';
import { extensionSources, ROOT, stringsOf } from '../../support/source-text.ts';

const english = readMessages('en');
const keys = Object.keys(english);
const areas = new Set(keys.map((key) => key.split('_')[0]));
const manifest = [...readFileSync(join(ROOT, 'manifest.json'), 'utf8').matchAll(/__MSG_(\w+)__/g)].map(
  ([, key = '']) => key,
);

/** Of the shape `area_thing`, where there is such an area. */
const looksLikeAKey = (text: string): boolean => /^[a-z]+(?:_[a-z0-9]+)+$/.test(text) && areas.has(text.split('_')[0]);

/** Words of a wire or of the browser that look like one. */
const NO_KEYS: readonly string[] = [];

const named = new Map<string, string>();
for (const source of extensionSources()) for (const text of stringsOf(source)) named.set(text, source.path);
for (const key of manifest) named.set(key, 'manifest.json');

test('a key has only what both browsers take, in the house’s form', () => {
  for (const key of keys) expect(key).toMatch(/^[a-z]+(?:_[a-z0-9]+)+$/);
});

test('every key that the code and the manifest name is a message', () => {
  const missing = [...named].filter(
    ([text]) => (looksLikeAKey(text) || manifest.includes(text)) && !(text in english) && !NO_KEYS.includes(text),
  );
  expect(missing).toEqual([]);
});

test('every message is named somewhere', () => {
  expect(keys.filter((key) => !named.has(key))).toEqual([]);
});
