// `npm run package`: what the stores get, into dist/packages. One zip for Chrome, one for Firefox, and the source that both are built from again, to the same bytes
// (docs/store/building.md). It publishes nothing.
//
//   npm run package [-- --out DIR]

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { build } from './build/build.ts';
import { sourceFiles } from './package/source-files.ts';
import { entriesOf, readEntries, writeZip, type ZipEntry } from './package/zip.ts';

const ROOT = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(ROOT, 'dist/packages') } } });
const out = resolve(values.out);

const built = await build();
if (built.problem !== undefined) {
  console.error(built.problem);
  process.exit(1);
}
const { version } = packageJson;
const parts: [string, ZipEntry[]][] = [
  ['chrome', await entriesOf(join(ROOT, 'dist/chrome'))],
  ['firefox', await entriesOf(join(ROOT, 'dist/firefox'))],
  ['source', await readEntries(ROOT, sourceFiles(ROOT))],
];
for (const [name, entries] of parts) {
  const file = join(out, `conet-private-browsing-${version}-${name}.zip`);
  await writeZip(file, entries);
  console.log(`${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${file}`);
}
