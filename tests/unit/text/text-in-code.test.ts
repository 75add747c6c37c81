// No text that a person reads stands in the code: it would stay English in every language.

import { describe, expect, test } from 'vitest';
import { extensionSources, parseSource, textIn } from '../../support/source-text.ts';

/** What looks like text and is none, each with its reason. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // Each language by the name that its own speakers look for, which is the same in all.
  'src/core/text/languages.ts': [
    'English',
    'Deutsch',
    'Español',
    'Français',
    'Italiano',
    'Português (Brasil)',
    'Русский',
  ],
  // A header of HTTP.
  'src/core/routing/gpc-rules.ts': ['Vary'],
  // A field of old keystore files.
  'src/core/wallet/keystore.ts': ['Crypto'],
};

/** Text that is moved into the catalog by another change. To be emptied with its merge. */
const LATER = [
  /^popup\/(?:wallet|payments|relays)\//,
  /^popup\/(?:parts|screens|money|words|wallet-line|wallet-line-model)\.tsx?$/,
  /^src\/core\/(?:wallet|payment|directory)\//,
];

const sources = extensionSources().map((source) => ({ path: source.path, texts: textIn(source) }));

test('no text for a person stands in the code', () => {
  expect(sources.length).toBeGreaterThan(200);
  const found = sources
    .filter(({ path }) => !LATER.some((pattern) => pattern.test(path)))
    .flatMap(({ path, texts }) =>
      texts.filter((text) => EXCEPTIONS[path]?.includes(text) !== true).map((text) => `${path}: ${text}`),
    );
  expect(found).toEqual([]);
});

test('every exception is still there', () => {
  for (const [path, texts] of Object.entries(EXCEPTIONS)) {
    expect(sources.find((source) => source.path === path)?.texts, path).toEqual(expect.arrayContaining([...texts]));
  }
});

describe('the rule', () => {
  const found = (code: string, path = 'popup/a.tsx'): string[] => textIn(parseSource(path, code));

  test.each([
    ['text between tags', 'const a = <a href="#/relays">Relays</a>', 'Relays'],
    ['an attribute', 'const a = <ol aria-label="the way">{b}</ol>', '"the way"'],
    ['a sentence', "const a = { sentence: 'No relays are known.' }", 'No relays are known.'],
    ['a sentence with gaps', 'const a = `The entry of ${names} led elsewhere.`', 'The entry of {} led elsewhere.'],
    ['a sentence that begins with a gap', 'const a = `${name} controls the proxy.`', '{} controls the proxy.'],
    ['a headline without a capital letter', "const a = 'this tab is private'", 'this tab is private'],
    ['a label of one word', "const a = { role: 'Entry' }", 'Entry'],
    ['a choice', "const a = b ? 'Check again' : c", 'Check again'],
  ])('finds %s', (_, code, text) => {
    expect(found(code)).toEqual([text]);
  });

  test('leaves alone what is for engineers and browsers', () => {
    expect(found("throw new ParseError('This is not a web page');")).toEqual([]);
    expect(found("class AError extends Error { constructor() { super('This went wrong'); } }")).toEqual([]);
    expect(found("type A = 'Not a text';")).toEqual([]);
    expect(found('const a = <p class="again main" data-action="try-again">{t(\'home_check\')}</p>;')).toEqual([]);
    expect(found("const a = 'GET';\nconst b = 'conet relay quote 1';", 'src/core/a.ts')).toEqual([]);
  });
});
