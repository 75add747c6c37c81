// Lists that operators sign: nothing of one is in force unless all of it is right, and what is on it is refused however it is written.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signList } from '../../../../relay/cli/sign-list.ts';
import { BlockListError, parseBlockList, readBlockList } from '../../../../relay/exit/block-list.ts';
import { BlockLists } from '../../../../relay/exit/block-lists.ts';
import { createIdentity, type Identity } from '../../../../relay/identity.ts';

let folder: string;
let operator: Identity;
let stranger: Identity;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'block-list-'));
  operator = await createIdentity(join(folder, 'operator.key'));
  stranger = await createIdentity(join(folder, 'stranger.key'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TEXT = `# of the family\nreason: Malware. #1 of ours\r\n\n192.0.2.0/24 # a network\n2001:db8::7\nExample.ORG\n*.bad.example.\n`;

function write(name: string, text: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function codeOf(file: string, signer = operator.label): Promise<string> {
  return readBlockList({ file, signer }).then(
    () => 'taken',
    (error: unknown) => (error instanceof BlockListError ? error.code : String(error)),
  );
}

describe('a signed list', () => {
  test('is read as it was written', async () => {
    const file = write('good.txt', TEXT);
    expect((await signList(file, operator))[0]).toContain('2 names and 2 networks');
    expect(await readBlockList({ file, signer: operator.label })).toEqual({
      reason: 'Malware. #1 of ours',
      names: new Set(['example.org', 'bad.example']),
      networks: ['192.0.2.0/24', '2001:db8::7/128'],
    });
  });

  test('of which one byte is another one is refused, wherever it is, and so is another one’s signature', async () => {
    const file = write('one.txt', TEXT);
    await signList(file, operator);
    expect(await codeOf(file)).toBe('taken');
    expect(await codeOf(file, stranger.label)).toBe('bad-signature');
    const bytes = Buffer.from(TEXT);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const other = Buffer.from(bytes);
        other[at] = other[at]! ^ change;
        writeFileSync(file, other);
        expect(await codeOf(file)).toBe('bad-signature');
      }),
      { numRuns: 50 },
    );
  });

  test('signed as something else by the same key is refused: the circuit check signs what strangers choose', async () => {
    const file = write('plain.txt', TEXT);
    const signature = await operator.privateKey.sign(Buffer.from(TEXT));
    write('plain.txt.sig', Buffer.from(signature).toString('base64'));
    expect(await codeOf(file)).toBe('bad-signature');
  });

  test.each([
    ['unsigned', 'unsigned.txt', TEXT, undefined, undefined],
    ['bad-signature', 'short.txt', TEXT, 'AAAA', undefined],
    ['too-large', 'long.txt', TEXT, 'A'.repeat(500), undefined],
    ['bad-signer', 'signer.txt', TEXT, `${'A'.repeat(86)}==`, `k51${'a'.repeat(59)}`],
  ])('%s', async (code, name, text, signature, signer) => {
    const file = write(name, text);
    if (signature !== undefined) write(`${name}.sig`, signature);
    expect(await codeOf(file, signer)).toBe(code);
  });

  test('that is not there', async () => expect(await codeOf(join(folder, 'nowhere'))).toBe('unreadable'));
});

test.each([
  ['no reason', 'example.org\n', 'line 1: needs `reason:`'],
  ['nothing at all', '', 'has no `reason:`'],
  ['two reasons', 'reason: a\nreason: b\n', 'line 2'],
  ['an empty reason', 'reason:\n', 'line 1'],
  ['a long reason', `reason: ${'x'.repeat(301)}\n`, 'line 1'],
  ['a reason with a control character', 'reason: a\u0007b\n', 'line 1'],
  ['a URL', 'reason: a\nhttps://example.org/\n', 'line 2: needs an address'],
  ['a network that is none', 'reason: a\n192.0.2.0/33\n', 'line 2'],
  ['a name that is none', 'reason: a\nexa mple.org\n', 'line 2'],
])('a list with %s is refused as a whole, with the line', (_what, text, said) => {
  expect(() => parseBlockList(text, 'list.txt')).toThrow(said);
});

describe('what is on a list', () => {
  const lists = new BlockLists([
    parseBlockList('reason: one\n192.0.2.0/25\n10.0.0.0/7\n2001:db8::/33\n::ffff:198.51.100.0/120\nexample.org\n', 'a'),
    parseBlockList('reason: two\n192.0.2.0/24\nexample.org\nother.example\n', 'b'),
  ]);

  test.each([
    ['192.0.2.1', 'one'],
    ['192.0.2.200', 'two'],
    ['192.0.3.1', undefined],
    ['::ffff:192.0.2.1', 'one'],
    ['64:ff9b::c000:201', 'one'],
    ['11.255.0.1', 'one'],
    ['12.0.0.1', undefined],
    ['198.51.100.9', 'one'],
    ['2001:db8:7fff::1', 'one'],
    ['2001:db8:8000::1', undefined],
    ['not an address', undefined],
  ])('address %s: %s', (address, reason) => expect(lists.reasonOfAddress(address)).toBe(reason));

  test.each([
    ['example.org', 'one'],
    ['deep.below.example.org', 'one'],
    ['notexample.org', undefined],
    ['org', undefined],
    ['other.example', 'two'],
  ])('name %s: %s', (name, reason) => expect(lists.reasonOfName(name)).toBe(reason));

  test('counts once what two lists have', () => expect(lists.size).toBe(7));
});
