// What the stores get: the same bytes from the same source, wherever it is built; no word of Mozilla's linter, no permission and no key of a manifest that docs/store does not explain.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { openPromise } from 'yauzl';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { builtExtension } from '../../devnet/extension-build.ts';
import { sourceFiles } from '../../scripts/package/source-files.ts';
import { entriesOf, readEntries, writeZip } from '../../scripts/package/zip.ts';

const ROOT = join(import.meta.dirname, '../..');
const BROWSERS = ['chrome', 'firefox'] as const;
const run = promisify(execFile);
const store = (name: string): Promise<string> => readFile(join(ROOT, 'docs/store', name), 'utf8');

let folder: string;
const builds: Record<(typeof BROWSERS)[number], string> = { chrome: '', firefox: '' };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packages-'));
  builds.chrome = await builtExtension('chromium');
  builds.firefox = await builtExtension('firefox');
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function unzip(file: string, to: string): Promise<string[]> {
  const zip = await openPromise(file, { lazyEntries: true });
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) {
    names.push(entry.fileName);
    const path = join(to, entry.fileName);
    await mkdir(dirname(path), { recursive: true });
    const parts: Buffer[] = [];
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
    await writeFile(path, Buffer.concat(parts));
  }
  return names;
}

test(
  'the source zip, built in another folder, time zone and umask, gives the same three files',
  { timeout: 300_000 },
  async () => {
    const here = join(folder, 'here');
    for (const name of BROWSERS) await writeZip(join(here, `${name}.zip`), await entriesOf(builds[name]));
    await writeZip(join(here, 'source.zip'), await readEntries(ROOT, sourceFiles(ROOT)));

    const there = join(folder, 'there');
    const names = await unzip(join(here, 'source.zip'), there);
    expect(names).toContain('scripts/package.ts');
    // As `npm ci` would make it; a link to it would give the modules other names. Files of another disk cannot be linked.
    const copy = (how: string): Promise<unknown> =>
      run('cp', [how, join(ROOT, 'node_modules'), join(there, 'node_modules')]);
    await copy('-al').catch(() => copy('-a'));
    const command = 'umask 077 && exec "$0" scripts/package.ts';
    const env = { PATH: process.env['PATH'], HOME: folder, TZ: 'Pacific/Auckland', LC_ALL: 'C' };
    await run('sh', ['-c', command, process.execPath], { cwd: there, env });
    const { version } = packageJson;
    for (const name of [...BROWSERS, 'source']) {
      const again = await readFile(join(there, `dist/packages/conet-private-browsing-${version}-${name}.zip`));
      expect(again.equals(await readFile(join(here, `${name}.zip`))), name).toBe(true);
    }
  },
);

test('Mozilla’s linter finds no error, and no warning that docs/store does not explain', async () => {
  const linter = join(ROOT, 'node_modules/.bin/addons-linter');
  const { stdout } = await run(linter, [builds.firefox, '--output', 'json'], { maxBuffer: 10_000_000 });
  const { errors, warnings } = JSON.parse(stdout) as Record<'errors' | 'warnings', { code: string; file: string }[]>;
  expect(errors).toEqual([]);
  const explained = (await store('building.md')).split('\n').filter((line) => line.startsWith('| `'));
  const isExplained = ({ code, file }: { code: string; file: string }): boolean =>
    explained.some((line) => line.startsWith(`| \`${code}\` |`) && line.includes(`\`${file}\``));
  expect(warnings.filter((warning) => !isExplained(warning))).toEqual([]);
});

/** Rows of the table of permissions.md that stands below a heading: what is explained, and in which browsers. */
async function explainedIn(heading: string): Promise<{ what: string; of: string }[]> {
  const sections = (await store('permissions.md')).split(/^(?=#+ )/m);
  const section = sections.find((text) => text.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \| (\w+)/gm)].map(([, what = '', of = '']) => ({ what, of }));
}

const isFor = (browsers: string, name: string): boolean => browsers.toLowerCase() === name || browsers === 'both';

test('each key of a manifest is explained, and none that it has not', async () => {
  const rows = await explainedIn('## Keys');
  for (const name of BROWSERS) {
    const manifest = JSON.parse(await readFile(join(builds[name], 'manifest.json'), 'utf8')) as object;
    const explained = rows.filter(({ of }) => isFor(of, name)).map(({ what }) => what);
    expect(explained.toSorted(), name).toEqual(Object.keys(manifest).toSorted());
  }
});

test('each permission is explained, and none is explained that is not asked for', async () => {
  type Manifest = Record<'permissions' | 'optional_permissions' | 'host_permissions', string[] | undefined>;
  const asked = await Promise.all(
    BROWSERS.map(async (name): Promise<string[]> => {
      const text = await readFile(join(builds[name], 'manifest.json'), 'utf8');
      const {
        permissions = [],
        optional_permissions: optional = [],
        host_permissions: hosts = [],
      } = JSON.parse(text) as Manifest;
      return [...permissions, ...optional, ...hosts];
    }),
  );
  const rows = await explainedIn('# Permissions');
  for (const [index, name] of BROWSERS.entries()) {
    const explained = rows.filter(({ what, of }) => isFor(of, name) || (what === 'management' && name === 'firefox'));
    expect(explained.map(({ what }) => what).toSorted(), name).toEqual(asked[index]!.toSorted());
  }
});

test('nothing sets HTML from text, which is what the linter’s warnings are about', async () => {
  const sources = sourceFiles(ROOT).filter((name) => /^(?:popup|pages|content|background|src)\/.*\.tsx?$/.test(name));
  expect(sources.length).toBeGreaterThan(100);
  for (const { name, bytes } of await readEntries(ROOT, sources)) {
    expect(Buffer.from(bytes).toString(), name).not.toMatch(/dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML/);
  }
});

test('every message that the manifests name is in the packages, and the summary has at most the 132 characters that Chrome takes, in each language', async () => {
  for (const browser of BROWSERS) {
    const manifest = await readFile(join(builds[browser], 'manifest.json'), 'utf8');
    const keys = [...manifest.matchAll(/__MSG_(\w+)__/g)].map(([, key = '']) => key);
    expect(keys).toContain('app_description');
    const locales = join(builds[browser], '_locales');
    for (const language of await readdir(locales)) {
      const text = await readFile(join(locales, language, 'messages.json'), 'utf8');
      const messages = JSON.parse(text) as Record<string, { message: string } | undefined>;
      for (const key of keys) expect(messages[key]?.message, `${language} ${key}`).toMatch(/./);
      expect(messages['app_description']?.message.length, language).toBeLessThanOrEqual(132);
    }
  }
});
