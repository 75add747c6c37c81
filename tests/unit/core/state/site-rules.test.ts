// What a person types as a site, which rule counts, and the list in and out of a file.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RoutingPolicy } from '../../../../src/core/routing/policy.ts';
import { isForHost, ruleOf, siteVerdict, type SiteRule } from '../../../../src/core/routing/site-rule.ts';
import { siteErrorWords, SITE_ERRORS, SiteError } from '../../../../src/core/state/site-error.ts';
import {
  asSiteHost,
  MAX_EXIT_RULES,
  MAX_SITE_RULES,
  mayBecomePrivate,
  merge,
  parseSiteRules,
  parseTypedSite,
  siteForRule,
  toSiteRule,
  withAlways,
  withoutRule,
  withRule,
} from '../../../../src/core/state/site-rules.ts';
import {
  MAX_SITES_FILE,
  readSitesFile,
  SitesFileError,
  writeSitesFile,
} from '../../../../src/core/state/sites-file.ts';
import { parseEnvelope } from '../../../../src/messages/validate.ts';
import { say } from '../../../../src/text/translate.ts';

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof SiteError) return error.code;
    if (error instanceof SitesFileError) return [error.code, error.at, error.why].filter(Boolean).join(' ');
    throw error;
  }
  return 'none';
};
/** `other` for any other error. */
const codeOfAny = (act: () => unknown): string => {
  try {
    return codeOf(act);
  } catch {
    return 'other';
  }
};
const PRIVATE_TAB = 1;
const NORMAL_TAB = 2;
const typed = (text: string): string => parseTypedSite(text).host;

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => `${labels.join('.')}.example`);
/** Of a whole site, which can have a country. */
const site = label.map((name) => `${name}.example`);
const country = fc.stringMatching(/^[A-Z]{2}$/);
const rule: fc.Arbitrary<SiteRule> = fc.oneof(
  fc.record({ host, mode: fc.constantFrom('always' as const, 'never' as const) }),
  fc.record({ host: site, mode: fc.constantFrom('always' as const, 'exit' as const), exit: country }),
);
const rules = fc.uniqueArray(rule, { selector: (each) => each.host, maxLength: 20 });

describe('what is typed as a site', () => {
  test.each([
    ['example.org', 'example.org', false, false],
    ['  EXAMPLE.org. ', 'example.org', false, false],
    ['https://example.org/path?x#y', 'example.org', true, false],
    ['HTTP://news.example.org', 'news.example.org', true, false],
    ['*.example.org', 'example.org', true, false],
    ['example.org:8443', 'example.org', true, false],
    ['bücher.example', 'xn--bcher-kva.example', false, true],
    ['https://BÜCHER.example/', 'xn--bcher-kva.example', true, true],
    ['example。org', 'example.org', false, true],
    ['93.184.216.34', '93.184.216.34', false, false],
    ['[2606:4700::1111]', '[2606:4700::1111]', false, false],
    ['2606:4700::1111', '[2606:4700::1111]', false, false],
    ['http://[2606:4700::1111]:80/', '[2606:4700::1111]', true, false],
    ['shop.co.uk', 'shop.co.uk', false, false],
  ])('%j is %s', (text, wanted, isShortened, isSpelt) => {
    expect(parseTypedSite(text)).toEqual({ host: wanted, isShortened, isSpelt });
  });

  test.each([
    ['', 'site-empty'],
    ['   ', 'site-empty'],
    [`${'a.'.repeat(200)}example`, 'site-long'],
    ['a'.repeat(3000), 'site-long'],
    [`${'a'.repeat(64)}.example`, 'site-bad'],
    ['two words', 'site-bad'],
    ['ftp://example.org', 'site-bad'],
    ['javascript:alert(1)', 'site-bad'],
    ['about:config', 'site-bad'],
    ['bank.example@evil.example', 'site-bad'],
    ['https://user:pw@example.org', 'site-bad'],
    ['https://', 'site-bad'],
    ['/path', 'site-bad'],
    ['example..org', 'site-bad'],
    ['exa\\mple.org', 'site-bad'],
    ['example.org:99999', 'site-bad'],
    ['256.1.1.1', 'site-bad'],
    ['*', 'site-wildcard'],
    ['ex*mple.org', 'site-wildcard'],
    ['*.*.example.org', 'site-wildcard'],
    ['*.93.184.216.34', 'site-wildcard'],
    ['com', 'site-suffix'],
    ['co.uk', 'site-suffix'],
    ['*.com', 'site-suffix'],
    ['localhost', 'site-local'],
    ['127.0.0.1', 'site-local'],
    ['192.168.1.1', 'site-local'],
    ['[::1]', 'site-local'],
    ['printer.local', 'site-local'],
    ['circuit.conet.internal', 'site-local'],
  ])('%j is refused: %s', (text, code) => {
    expect(codeOf(() => typed(text))).toBe(code);
  });

  test('each refusal has words of its own', () => {
    const words = SITE_ERRORS.map((code) => say(siteErrorWords(code)));
    expect(new Set(words).size).toBe(SITE_ERRORS.length);
    expect(words.filter((word) => !/[a-z] .*[.]$/.test(word))).toEqual([]);
  });

  test('never throws anything else, and what it takes reads as itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.webUrl(), fc.domain(), fc.ipV6()), (text) => {
        if (codeOf(() => typed(text)) !== 'none') return;
        expect(typed(typed(text))).toBe(typed(text));
        expect(asSiteHost(typed(text))).toBe(typed(text));
      }),
    );
  });

  test('is the host that the browser would go to', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
        if (codeOf(() => typed(url)) !== 'none') return;
        expect(typed(url)).toBe(new URL(url).hostname.replace(/\.$/, ''));
      }),
    );
  });
});

describe('the rule that counts', () => {
  const some: SiteRule[] = [
    { host: 'example.org', mode: 'always' },
    { host: 'news.example.org', mode: 'never' },
    { host: '93.184.216.34', mode: 'always' },
  ];

  test.each([
    ['example.org', 'always'],
    ['www.example.org', 'always'],
    ['example.org.', 'always'],
    ['news.example.org', 'never'],
    ['old.news.example.org', 'never'],
    ['myexample.org', undefined],
    ['example.org.evil.example', undefined],
    ['93.184.216.34', 'always'],
    ['not a host', undefined],
  ])('for %s is %s', (name, mode) => {
    expect(ruleOf(some, name)?.mode).toBe(mode);
    expect(mayBecomePrivate(some, `https://${name}/`)).toBe(mode !== 'never');
  });

  test('is the longest that is for the host, whatever their order', () => {
    fc.assert(
      fc.property(rules, host, (all, name) => {
        const fitting = all.filter((each) => isForHost(each.host, name));
        const found = ruleOf([...all].reverse(), name);
        expect(found).toEqual(ruleOf(all, name));
        expect(found === undefined).toBe(fitting.length === 0);
        expect(fitting.every((each) => each.host.length <= (found?.host.length ?? 0))).toBe(true);
      }),
    );
  });

  test('for the site of a page, which is named as far as it can be told', () => {
    expect(siteForRule('www.shop.example.co.uk')).toBe('example.co.uk');
    expect(siteForRule('localhost')).toBeUndefined();
    expect(siteForRule('192.168.1.1')).toBeUndefined();
    expect(siteForRule(undefined)).toBeUndefined();
  });
});

describe('the list', () => {
  test('has one rule for each host, in one order, and a bound', () => {
    const once = withRule([{ host: 'b.example', mode: 'never' }], { host: 'a.example', mode: 'always' });
    expect(once.map((each) => each.host)).toEqual(['a.example', 'b.example']);
    expect(withRule(once, { host: 'b.example', mode: 'always' })).toEqual([
      { host: 'a.example', mode: 'always' },
      { host: 'b.example', mode: 'always' },
    ]);
    expect(withoutRule(once, 'a.example')).toEqual([{ host: 'b.example', mode: 'never' }]);
    const full = Array.from({ length: MAX_SITE_RULES }, (_, at): SiteRule => ({
      host: `a${at}.example`,
      mode: 'never',
    }));
    expect(codeOf(() => withRule(full, { host: 'new.example', mode: 'always' }))).toBe('sites-full');
    expect(withRule(full, { host: 'a7.example', mode: 'always' })).toHaveLength(MAX_SITE_RULES);
    expect(codeOf(() => merge(full, [{ host: 'new.example', mode: 'always' }]))).toBe('sites-full');
  });

  test('that is stored or sent is refused where anything of it is wrong', () => {
    const good = { host: 'a.example', mode: 'always' };
    expect(parseSiteRules([good])).toEqual([good]);
    for (const wrong of [
      'a',
      [{ ...good, mode: 'sometimes' }],
      [{ ...good, host: 'A.example' }],
      [{ ...good, host: 'https://a.example' }],
      [{ ...good, host: 'com' }],
      [good, good],
      Array.from({ length: MAX_SITE_RULES + 1 }, (_, at) => ({ host: `a${at}.example`, mode: 'never' })),
    ]) {
      expect(() => parseSiteRules(wrong)).toThrow();
    }
  });

  test('loses no rule to a file, and what changes is told', () => {
    fc.assert(
      fc.property(rules, rules, (before, more) => {
        const { rules: after, added, changed, same } = merge(before, more);
        for (const each of before) expect(after.some((other) => other.host === each.host)).toBe(true);
        for (const each of more) expect(after).toContainEqual(each);
        expect(added.length + changed.length + same).toBe(more.length);
        expect(after).toHaveLength(before.length + added.length);
      }),
    );
  });
});

describe('the country of a rule', () => {
  const at = (mode: SiteRule['mode'], exit?: unknown, of = 'a.example') => codeOf(() => toSiteRule(of, mode, exit));

  test.each([
    ['always', 'IS', 'a.example', 'none'],
    ['exit', 'IS', 'a.example', 'none'],
    ['exit', 'IS', 'shop.co.uk', 'none'],
    ['exit', 'IS', '93.184.216.34', 'none'],
    ['always', undefined, 'www.a.example', 'none'],
    ['never', undefined, 'a.example', 'none'],
    ['exit', undefined, 'a.example', 'site-exit'],
    ['always', 'is', 'a.example', 'site-exit'],
    ['always', 'ISL', 'a.example', 'site-exit'],
    ['always', '', 'a.example', 'site-exit'],
    ['always', null, 'a.example', 'site-exit'],
    ['always', ['IS'], 'a.example', 'site-exit'],
    ['never', 'IS', 'a.example', 'site-exit-never'],
    ['always', 'IS', 'www.a.example', 'site-exit-part'],
  ] as const)('%s, %j, %s: %s', (mode, exit, of, code) => {
    expect(at(mode, exit, of)).toBe(code);
    // At the other edges the same is refused, whatever they call it.
    const stored = { host: of, mode, ...(exit !== undefined && { exit }) };
    const refuses = (read: () => unknown) => (codeOfAny(read) === 'none' ? 'none' : code);
    expect(refuses(() => parseSiteRules([stored]))).toBe(code);
    const text = JSON.stringify({ format: 'conet-sites', version: 1, rules: [{ ...stored, site: of }] });
    expect(codeOf(() => readSitesFile(text))).toBe(code === 'none' ? 'none' : `rule 1 ${code}`);
  });

  test('is none in what a version before has stored, and that loads unchanged', () => {
    const before = [
      { host: 'a.example', mode: 'always' },
      { host: 'b.example', mode: 'never' },
    ];
    expect(parseSiteRules(before)).toEqual(before);
    expect(parseSiteRules(before).some((each) => 'exit' in each)).toBe(false);
  });

  test('reads back from where it is stored, and from a message', () => {
    fc.assert(
      fc.property(rules, (all) => {
        const sorted = all.toSorted((one, other) => (one.host < other.host ? -1 : 1));
        expect(parseSiteRules(JSON.parse(JSON.stringify(all)))).toEqual(sorted);
        for (const data of all)
          expect(parseEnvelope({ build: '1', type: 'sites/set-rule', data }, '1').data).toEqual(data);
      }),
    );
  });

  test('there are only so many', () => {
    const many = Array.from({ length: MAX_EXIT_RULES }, (_, n): SiteRule => ({
      ...{ host: `a${n}.example`, mode: 'exit', exit: 'IS' },
    }));
    expect(withRule(many, { host: 'new.example', mode: 'always' })).toHaveLength(MAX_EXIT_RULES + 1);
    const more: SiteRule = { host: 'new.example', mode: 'always', exit: 'IS' };
    expect(codeOf(() => withRule(many, more))).toBe('sites-exits-full');
    expect(codeOf(() => merge(many, [more]))).toBe('sites-exits-full');
    expect(codeOf(() => readSitesFile(writeSitesFile([...many, more])))).toBe('exits');
    expect(() => parseSiteRules([...many, more])).toThrow();
  });

  test('that differs is a change of the list, and stays when the site is always private from now on', () => {
    const before: SiteRule[] = [{ host: 'a.example', mode: 'exit', exit: 'IS' }];
    expect(merge(before, [{ host: 'a.example', mode: 'exit', exit: 'CH' }]).changed).toHaveLength(1);
    expect(merge(before, before)).toMatchObject({ changed: [], same: 1 });
    expect(withAlways(before, 'a.example')).toEqual([{ host: 'a.example', mode: 'always', exit: 'IS' }]);
    expect(withAlways(before, 'b.example')).toContainEqual({ host: 'b.example', mode: 'always' });
  });

  test('alone neither makes a page private nor keeps it so', () => {
    const only: SiteRule[] = [{ host: 'a.example', mode: 'exit', exit: 'IS' }];
    expect(mayBecomePrivate(only, 'https://a.example/')).toBe(true);
    for (const tab of [PRIVATE_TAB, NORMAL_TAB]) {
      const from = { by: 'tab', tab, opensPage: true } as const;
      const policy = { siteRules: only, rulesAside: [], privateTabs: [PRIVATE_TAB] } as unknown as RoutingPolicy;
      expect(siteVerdict(policy, { host: 'a.example', from })).toBeUndefined();
    }
  });
});

describe('a file of rules', () => {
  test('reads back as it was written', () => {
    fc.assert(
      fc.property(rules, (all) => {
        const read = readSitesFile(writeSitesFile(all));
        expect(read).toEqual(all);
      }),
    );
  });

  const file = (change: object): string => JSON.stringify({ format: 'conet-sites', version: 1, rules: [], ...change });
  const written = { site: 'a.example', mode: 'always' };

  test.each([
    ['  ', 'empty'],
    ['<html>', 'json'],
    ['[]', 'other'],
    ['null', 'other'],
    [file({ format: 'foxyproxy' }), 'other'],
    [file({ rules: {} }), 'other'],
    [file({ version: '1' }), 'other'],
    [file({ version: 0 }), 'other'],
    [file({ version: 2 }), 'newer'],
    [
      file({ rules: [written, { ...written, site: 'b.example' }, { ...written, site: 'co.uk' }] }),
      'rule 3 site-suffix',
    ],
    [file({ rules: [{ ...written, mode: 'direct' }] }), 'rule 1'],
    [file({ rules: [7] }), 'rule 1'],
    [file({ rules: [written, { ...written, site: 'A.example.' }] }), 'twice 2'],
    [file({ rules: Array.from({ length: MAX_SITE_RULES + 1 }, () => written) }), 'many'],
    ['x'.repeat(MAX_SITES_FILE + 1), 'large'],
  ])('%.60s is refused: %s', (text, code) => {
    expect(codeOf(() => readSitesFile(text))).toBe(code);
  });

  test('may be written as a person types, with a mark before it', () => {
    const text = `\uFEFF${file({ rules: [{ site: 'https://BÜCHER.example/', mode: 'never', note: 'mine' }] })}`;
    expect(readSitesFile(text)).toEqual([{ host: 'xn--bcher-kva.example', mode: 'never' }]);
  });
});
