import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typedAddress } from '../../../../src/core/state/typed-address.ts';

describe('what is typed after the keyword', () => {
  it.each([
    ['example.org', 'https://example.org/'],
    [' example.org/a?b#c ', 'https://example.org/a?b#c'],
    ['example.org:8443/x', 'https://example.org:8443/x'],
    ['http://example.org', 'http://example.org/'],
    ['HTTPS://Example.ORG/A', 'https://example.org/A'],
    ['münchen.de', 'https://xn--mnchen-3ya.de/'],
    ['192.0.2.7/x', 'https://192.0.2.7/x'],
    ['[2001:db8::1]:8080', 'https://[2001:db8::1]:8080/'],
    ['example.org.', 'https://example.org./'],
    ['https://localhost:3000/', 'https://localhost:3000/'],
  ])('%j is %s', (typed, url) => {
    expect(typedAddress(typed)).toBe(url);
  });

  it.each([
    '',
    'weather',
    'weather in berlin',
    'what is example.org',
    'javascript:alert(1)',
    'javascript:a.b',
    'data:text/html,a.b',
    'file:///etc/passwd',
    'chrome://settings',
    'about:config',
    'ftp://example.org',
    'mailto:a@example.org',
    'bank.example@evil.example',
    'https://bank.example@evil.example/',
    'https://user:secret@example.org/',
    'https://exa mple.org/',
    'https://',
    'example.org:99999',
    '1.2.3.999',
    'example.org\\evil.example',
    `example.org/${'a'.repeat(2048)}`,
  ])('%j opens nothing', (typed) => {
    expect(typedAddress(typed)).toBeUndefined();
  });

  it('never throws, and gives no other thing than a web page without a name in it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl({ withFragments: true })), (typed) => {
        const url = typedAddress(typed);
        if (url === undefined) return;
        const { protocol, username, password } = new URL(url);
        expect(['http:', 'https:']).toContain(protocol);
        expect(username + password).toBe('');
      }),
    );
  });
});
