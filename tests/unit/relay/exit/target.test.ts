// What a client may ask for, and what is refused before anything is resolved.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExitError } from '../../../../relay/exit/exit-error.ts';
import { parseAbsoluteForm, parseConnectTarget, parsePlainTarget } from '../../../../relay/exit/target.ts';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ExitError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('CONNECT', () => {
  test.each([
    ['example.com:443', { host: { kind: 'name', name: 'example.com' }, port: 443 }],
    ['EXAMPLE.com.:443', { host: { kind: 'name', name: 'example.com' }, port: 443 }],
    ['bücher.example:8443', { host: { kind: 'name', name: 'xn--bcher-kva.example' }, port: 8443 }],
    ['_dmarc.example.com:80', { host: { kind: 'name', name: '_dmarc.example.com' }, port: 80 }],
    ['192.0.2.1:80', { host: { kind: 'address', address: '192.0.2.1' }, port: 80 }],
    ['2130706433:80', { host: { kind: 'address', address: '127.0.0.1' }, port: 80 }],
    ['0177.0.0.1:80', { host: { kind: 'address', address: '127.0.0.1' }, port: 80 }],
    ['0x7f.1:80', { host: { kind: 'address', address: '127.0.0.1' }, port: 80 }],
    ['[2001:DB8::1]:443', { host: { kind: 'address', address: '2001:db8::1' }, port: 443 }],
    ['[::ffff:10.0.0.1]:443', { host: { kind: 'address', address: '10.0.0.1' }, port: 443 }],
  ])('%s', (text, expected) => expect(parseConnectTarget(text)).toEqual(expected));

  test.each([
    ...[
      '',
      'example.com',
      ':443',
      'example.com:',
      'example.com:0',
      'example.com:65536',
      'example.com:+1',
      'example.com:1e2',
    ],
    ...['user@example.com:443', 'http://example.com:443', 'example.com/x:443', 'example.com?:443', 'example.com#:443'],
    ...['exa mple.com:443', 'exa\tmple.com:443', 'exa\nmple.com:443', 'example.com\\x:443', 'example.com:443:443'],
    ...['::1:443', '[::1:443', '[fe80::1%25eth0]:443', '[::1]x:443', '1.2.3.4.5:443', '256.0.0.1:443', 'foo.0x7f:443'],
    ...[
      '-a.example:443',
      'a-.example:443',
      'a..b:443',
      '.:443',
      `${'a'.repeat(64)}.example:443`,
      `${'a.'.repeat(127)}aa:443`,
    ],
    ...['%2e:443', '%00.example:443', 'a%2fb:443', 'a!b.example:443', '*.example:443'],
  ])('%j is refused', (text) => expect(codeOf(() => parseConnectTarget(text))).toBe('bad-request'));

  test('whatever is sent, it is read or refused by name', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.webAuthority({ withPort: true, withIPv4Extended: true, withIPv6: true }),
        ),
        (text) => {
          expect(['accepted', 'bad-request']).toContain(codeOf(() => parseConnectTarget(text)));
        },
      ),
    );
  });
});

describe('plain http', () => {
  test('the Host field is that of the URL, the path is as it was written', () => {
    expect(parseAbsoluteForm('http://Example.com:8080/a/../b?c=%20d', 'GET')).toEqual({
      host: { kind: 'name', name: 'example.com' },
      port: 8080,
      authority: 'example.com:8080',
      path: '/a/../b?c=%20d',
    });
    expect(parseAbsoluteForm('HTTP://example.com.:80', 'GET')).toMatchObject({ authority: 'example.com.', path: '/' });
    expect(parseAbsoluteForm('http://[2001:db8::1]?x', 'GET')).toMatchObject({
      authority: '[2001:db8::1]',
      path: '/?x',
    });
    expect(parseAbsoluteForm('http://example.com', 'OPTIONS')).toMatchObject({ path: '*' });
  });

  test.each([
    ['/', 'not-a-proxy-request'],
    ['/index.html', 'not-a-proxy-request'],
    ['*', 'not-a-proxy-request'],
    ['https://example.com/', 'bad-request'],
    ['ftp://example.com/', 'bad-request'],
    ['http://user:secret@example.com/', 'bad-request'],
    ['http:///x', 'bad-request'],
    ['http://example.com\\@10.0.0.1/', 'bad-request'],
    ['http://example.com/#fragment', 'bad-request'],
    ['http://example.com/a b', 'bad-request'],
    ['http://example.com/a\r\nx: y', 'bad-request'],
    ['example.com', 'bad-request'],
  ])('%j is refused: %s', (url, code) => expect(codeOf(() => parseAbsoluteForm(url, 'GET'))).toBe(code));

  test('a path of HTTP/2 that would start a second line is refused', () => {
    expect(codeOf(() => parsePlainTarget('example.com', '/a\r\nHost: b', 'GET'))).toBe('bad-request');
    expect(codeOf(() => parsePlainTarget('example.com', 'a', 'GET'))).toBe('bad-request');
    expect(codeOf(() => parsePlainTarget('example.com', '*', 'GET'))).toBe('bad-request');
  });
});
