// There is one version, in package.json: what states it again says the same.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { VERSION } from '../../../relay/version.ts';
import { chromeManifest, firefoxManifest } from '../../../scripts/build/manifests.ts';

const { version } = packageJson;
const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../..', name), 'utf8');
const versionIn = (text: string): unknown => (JSON.parse(text) as { version?: unknown }).version;

test('the extension and the relay have that of the package', () => {
  // Both stores take numbers alone.
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(VERSION).toBe(version);
  const written = read('manifest.json');
  expect(versionIn(written)).toBeUndefined();
  expect([chromeManifest, firefoxManifest].map((transform) => versionIn(transform(written)))).toEqual([
    version,
    version,
  ]);
});

test('so has whatever names it', () => {
  const lock = JSON.parse(read('package-lock.json')) as { version: string; packages: { '': { version: string } } };
  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
  // The newest chapter is of what is being made.
  expect(/^## (\S+?),? /m.exec(read('CHANGELOG.md'))?.[1]).toBe(version);
  for (const name of ['packaging/Containerfile', 'docs/operators.md']) {
    const named = [...read(name).matchAll(/conet-relay-(\d[\w.]*)\.tgz/g)].map(([, of]) => of);
    expect(new Set(named), name).toEqual(new Set([version]));
  }
});
