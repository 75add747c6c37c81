// Certificates from real files: what is refused at start, what takes over later, and what must not.

import { once, EventEmitter } from 'node:events';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Certificate, CertificateSource } from '../../../../relay/certificates/certificate-source.ts';
import { createFileCertificateSource } from '../../../../relay/certificates/file-source.ts';
import { createTestCa, type Leaf, type TestCa } from '../../../support/certificates.ts';

let ca: TestCa;
let first: Leaf;
let second: Leaf;
let folder: string;
let key: string;
let chain: string;
let source: CertificateSource | undefined;
let lines: string[];
let logged: EventEmitter;

beforeAll(async () => {
  ca = await createTestCa();
  first = await ca.issue({ names: ['first.test'] });
  second = await ca.issue({ names: ['second.test'] });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conet-certificates-'));
  key = join(folder, 'key.pem');
  chain = join(folder, 'chain.pem');
  lines = [];
  logged = new EventEmitter();
});

afterEach(async () => {
  source?.close();
  source = undefined;
  await rm(folder, { recursive: true });
});

async function start(): Promise<CertificateSource> {
  const write = (line: string): void => {
    lines.push(line);
    logged.emit('line');
  };
  source = await createFileCertificateSource({ key, chain, log: pino({ level: 'trace' }, { write }) });
  return source;
}

async function put(leaf: { key: string; chain: string }): Promise<void> {
  await writeFile(key, leaf.key);
  await writeFile(chain, leaf.chain);
}

function nextCertificate(from: CertificateSource): Promise<Certificate> {
  return new Promise((resolve) => {
    const stop = from.onChange((certificate) => {
      stop();
      resolve(certificate);
    });
  });
}

describe('at start', () => {
  test('a fitting pair is in force', async () => {
    await put(first);
    expect((await start()).current()).toEqual(first);
  });

  const wrong: [name: string, code: string, files: () => Promise<{ key?: string; chain?: string }>][] = [
    ['no files', 'unreadable', async () => ({})],
    ['the key of another certificate', 'mismatch', async () => ({ ...first, key: second.key })],
    ['an empty chain', 'bad-chain', async () => ({ ...first, chain: '' })],
    [
      'a chain cut in its second certificate',
      'bad-chain',
      async () => ({ ...first, chain: first.chain.slice(0, -60) }),
    ],
    ['a chain file that holds the key', 'bad-chain', async () => ({ ...first, chain: first.chain + first.key })],
    ['a cut key', 'bad-key', async () => ({ ...first, key: first.key.slice(0, 90) })],
    ['a file of another kind', 'too-large', async () => ({ ...first, chain: 'x'.repeat(1024 * 1024 + 1) })],
    [
      'an expired certificate',
      'expired',
      () => ca.issue({ names: ['x.test'], notBefore: new Date(0), notAfter: new Date(Date.now() - 1000) }),
    ],
    [
      'a certificate of next week',
      'not-yet-valid',
      () => ca.issue({ names: ['x.test'], notBefore: new Date(Date.now() + 7 * 86_400_000) }),
    ],
  ];

  test.each(wrong)('%s is refused as %s, without a word of the key', async (_name, code, files) => {
    const { key: keyText, chain: chainText } = await files();
    if (keyText !== undefined) await writeFile(key, keyText);
    if (chainText !== undefined) await writeFile(chain, chainText);
    const error: unknown = await start().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'CertificateError', code });
    const secret = first.key.split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(40);
    expect(`${String(error)} ${String((error as Error).stack)} ${String((error as Error).cause)}`).not.toContain(
      secret,
    );
  });
});

describe('later', () => {
  test('a pair written over the old one takes its place', async () => {
    await put(first);
    const running = await start();
    const next = nextCertificate(running);
    await put(second);
    expect(await next).toEqual(second);
    expect(running.current()).toEqual(second);
  });

  test('a pair renamed over the old one takes its place, as ACME clients do it', async () => {
    await put(first);
    const running = await start();
    const next = nextCertificate(running);
    await writeFile(`${key}.new`, second.key);
    await writeFile(`${chain}.new`, second.chain);
    await rename(`${key}.new`, key);
    await rename(`${chain}.new`, chain);
    expect(await next).toEqual(second);
  });

  test('symbolic links that are pointed elsewhere take their target along', async () => {
    await writeFile(join(folder, 'key1'), first.key);
    await writeFile(join(folder, 'chain1'), first.chain);
    await symlink('key1', key);
    await symlink('chain1', chain);
    const running = await start();
    const next = nextCertificate(running);
    await writeFile(join(folder, 'key2'), second.key);
    await writeFile(join(folder, 'chain2'), second.chain);
    await symlink('key2', `${key}.new`);
    await symlink('chain2', `${chain}.new`);
    await rename(`${key}.new`, key);
    await rename(`${chain}.new`, chain);
    expect(await next).toEqual(second);
  });

  test('a half-written pair is reported and leaves the old one in force, until it is whole', async () => {
    await put(first);
    const running = await start();
    await writeFile(key, second.key);
    await once(logged, 'line');
    expect(lines.join('')).toContain('"code":"mismatch"');
    expect(running.current()).toEqual(first);
    await writeFile(chain, second.chain.slice(0, 200));
    await once(logged, 'line');
    expect(lines.join('')).toContain('"code":"bad-chain"');
    expect(running.current()).toEqual(first);
    const next = nextCertificate(running);
    await writeFile(chain, second.chain);
    expect(await next).toEqual(second);
    for (const line of second.key.split('\n').slice(1, -1)) expect(lines.join('')).not.toContain(line);
  });

  test('files that vanish leave the old one in force', async () => {
    await put(first);
    const running = await start();
    await rm(key);
    await once(logged, 'line');
    expect(lines.join('')).toContain('"code":"unreadable"');
    expect(running.current()).toEqual(first);
  });
});
