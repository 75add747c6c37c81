import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIdentity, loadIdentity } from '../../../relay/identity.ts';
import { KeyFileError } from '../../../relay/key-file.ts';
import { isPeerLabel } from '../../../src/core/tunnel/circuit-name.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'identity-'))));
afterAll(() => rmSync(folder, { recursive: true }));

async function failure(work: Promise<unknown>): Promise<KeyFileError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KeyFileError);
  return error as KeyFileError;
}

test('a key is made for its owner alone, and read back as the same peer', async () => {
  const path = join(folder, 'a.key');
  const made = await createIdentity(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(isPeerLabel(made.label)).toBe(true);
  const read = await loadIdentity(path);
  expect(read.label).toBe(made.label);
  expect(read.peerId.toString()).toMatch(/^12D3KooW/);
});

test('a key is never replaced', async () => {
  const path = join(folder, 'b.key');
  await createIdentity(path);
  const before = readFileSync(path);
  expect((await failure(createIdentity(path))).code).toBe('exists');
  expect(readFileSync(path)).toEqual(before);
});

test.each([0o640, 0o604, 0o620, 0o777])(
  'a key of mode %o is refused, and the message says what to do',
  async (mode) => {
    const path = join(folder, `mode${mode}.key`);
    await createIdentity(path);
    chmodSync(path, mode);
    const error = await failure(loadIdentity(path));
    expect(error.code).toBe('readable-by-others');
    expect(error.message).toContain('chmod 600');
  },
);

test('a file that holds another key, or none, is refused without a word of it', async () => {
  const secp = await generateKeyPair('secp256k1');
  const contents = ['', 'not a key', 'A'.repeat(5000), Buffer.from(privateKeyToProtobuf(secp)).toString('base64')];
  for (const [index, content] of contents.entries()) {
    const path = join(folder, `bad${index}.key`);
    writeFileSync(path, content, { mode: 0o600 });
    const error = await failure(loadIdentity(path));
    expect(error.code).toBe('malformed');
    if (content.length > 8) expect(error.message).not.toContain(content.slice(0, 8));
  }
  expect((await failure(loadIdentity(join(folder, 'nowhere')))).code).toBe('missing');
});
