import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPaymentKey, loadPaymentKey } from '../../../relay/payment-key.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'payment-key-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test('a key is made for its owner alone, read back with the address that wallets show, and never replaced', async () => {
  const path = join(folder, 'a.key');
  const made = await createPaymentKey(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const text = readFileSync(path, 'utf8');
  expect((await loadPaymentKey(path)).address).toBe(made.address);
  expect(made.address).toBe(new Wallet(text.trim()).address.toLowerCase());
  await expect(createPaymentKey(path)).rejects.toMatchObject({ code: 'exists' });
  expect(readFileSync(path, 'utf8')).toBe(text);
  chmodSync(path, 0o640);
  await expect(loadPaymentKey(path)).rejects.toMatchObject({ code: 'readable-by-others' });
});

test.each([
  ['nothing', ''],
  ['half a key', `0x${'ab'.repeat(16)}`],
  ['no hexadecimal', `0x${'zz'.repeat(32)}`],
  ['zero', `0x${'00'.repeat(32)}`],
  ['a number above the order of the curve', `0x${'ff'.repeat(32)}`],
])('%s is no key, and the error does not quote it', async (name, content) => {
  const path = join(folder, `${name}.bad`);
  writeFileSync(path, content, { mode: 0o600 });
  const error: unknown = await loadPaymentKey(path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'KeyFileError', code: 'malformed' });
  if (content.length > 2) expect(String(error)).not.toContain(content.slice(2, 10));
});

test('a file that is not there says how to make one', async () => {
  await expect(loadPaymentKey(join(folder, 'nowhere'))).rejects.toThrow('conet-relay init --payment-key');
});
