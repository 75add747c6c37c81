// What a code says: an address by the rules of a typed one, or a line that does no harm wherever it is shown.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_SHOWN_CHARACTERS, readCode } from '../../../pages/scan/read-code.ts';
import { formatBeginAddress, parseBeginAddress } from '../../../src/core/directory/begin-address.ts';
import { labelOfKey } from '../../../src/core/directory/peer-key.ts';

const NAME = `192-0-2-7.${labelOfKey(new Uint8Array(32).fill(7))}.z.test`;
const ADDRESS = `/dns4/${NAME}/tcp/443/tls/ws`;

describe('an address', () => {
  test.each([ADDRESS, `  ${ADDRESS}\n`, `https://pages.example/begin#${ADDRESS}`, `/dns4/${NAME}/tcp/443/wss`])(
    'is taken as where it is typed: %s',
    (code) => {
      const text = formatBeginAddress(parseBeginAddress(ADDRESS));
      expect(readCode(code)).toEqual({ is: 'address', text, address: '192.0.2.7', port: 443 });
    },
  );

  test('is shown as it is stored, and not as a stranger spelt it', () => {
    const code = `https://${'a'.repeat(200)}.example/#${ADDRESS}`;
    expect(readCode(code)).toMatchObject({ text: formatBeginAddress(parseBeginAddress(ADDRESS)) });
  });
});

describe('something else', () => {
  test.each([
    ['a script', 'javascript:alert(1)', 'begin-not-an-address', 'javascript:alert(1)'],
    ['markup', '<img src=x onerror=alert(1)>', 'begin-not-an-address', '<img src=x onerror=alert(1)>'],
    ['a page', 'https://pages.example/', 'begin-not-an-address', 'https://pages.example/'],
    ['nothing', '', 'begin-not-an-address', ''],
    ['4 KB', 'x'.repeat(4096), 'begin-too-long', `${'x'.repeat(MAX_SHOWN_CHARACTERS)}…`],
    ['what controls a terminal', '\u001b[2Jab\u0000\r\n', 'begin-not-an-address', '�[2Jab���'],
    ['writing that turns round', '\u202egnp.exe\u2066', 'begin-not-an-address', '�gnp.exe�'],
    ['what is not seen, and what piles up', 'a\u200bb\u0301\u0301', 'begin-not-an-address', 'a�b��'],
    ['another way in', '/ip4/192.0.2.7/tcp/7401', 'begin-no-wss', '/ip4/192.0.2.7/tcp/7401'],
    [
      'an address in letters that look like it',
      `/dns4/${NAME.replace('z', 'ᴢ')}/tcp/443/tls/ws`,
      'begin-not-own-name',
      undefined,
    ],
  ])('%s', (_name, code, why, shown) => {
    expect(readCode(code)).toMatchObject({ is: 'other', why, ...(shown === undefined ? {} : { shown }) });
  });

  test('whatever it is: one line of plain letters, and never a throw', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      fc.string({ unit: 'binary-ascii', maxLength: 200 }).map((text) => `/dns4/${text}`),
      fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => `https://x.example/#${text}`),
    );
    fc.assert(
      fc.property(anyText, (code) => {
        const reading = readCode(code);
        if (reading.is === 'other') expect(reading.shown).toMatch(/^[\u0020-\u007e\ufffd]{0,80}…?$/);
      }),
    );
  });
});
