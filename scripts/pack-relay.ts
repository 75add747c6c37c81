// `npm run pack:relay`: the relay as a package of its own, dist/conet-relay-<version>.tgz, which `npm install` and `npx` take: compiled, with the packages that its code needs
// and no others inside of it. npm heeds `overrides` in a root package alone: whoever installs this one gets the very files that were tested here, and asks no registry for
// them. It publishes nothing.
//
//   npm run pack:relay [-- --out DIR]

import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { VERSION } from '../relay/version.ts';
import { lockedPackages, type Lock } from './pack/locked-packages.ts';

const ROOT = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(ROOT, 'dist') } } });
const out = resolve(values.out);
const folder = join(out, 'conet-relay');

/** What stands beside the code: how it is run, and what it is. */
const FILES = ['LICENSE', 'packaging', 'docs/operators.md', 'docs/relay-config.example.yaml'];
/** A module that is imported by name, in compiled code: at the beginning of a line, or while it runs. */
const IMPORT =
  /^(?:import|export)\b(?:[^"';=]*\bfrom)?\s*["']([@a-z][^"']*)["'];|\bimport\(["']([@a-z][\w@./-]*)["']\)/gm;

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
execFileSync(process.execPath, [
  join(ROOT, 'node_modules/typescript/bin/tsc'),
  '-p',
  join(ROOT, 'tsconfig.relay.json'),
  '--outDir',
  folder,
]);
for (const file of FILES) cpSync(join(ROOT, file), join(folder, file), { recursive: true });
writeFileSync(
  join(folder, 'README.md'),
  'A relay of the CONET private browsing network. How to run one: docs/operators.md\n',
);
const own = manifest();
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(own, null, 2)}\n`);
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
for (const path of lockedPackages(lock, own.bundleDependencies)) {
  // Those inside of it are listed themselves. Types and maps are half of the files, and no program reads them.
  const filter = (source: string): boolean =>
    relative(join(ROOT, path), source).split('/')[0] !== 'node_modules' && !/\.(map|[cm]?ts)$/.test(source);
  cpSync(join(ROOT, path), join(folder, path), { recursive: true, filter });
}
execFileSync('npm', ['pack', '--pack-destination', out, '--ignore-scripts', '--loglevel', 'error'], { cwd: folder });
console.log(join(out, `conet-relay-${VERSION}.tgz`));

function manifest() {
  const ours = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    license: string;
    dependencies: Record<string, string>;
  };
  const names = new Set<string>();
  for (const file of globSync('{relay,src}/**/*.js', { cwd: folder })) {
    for (const [, stands = '', runs = stands] of readFileSync(join(folder, file), 'utf8').matchAll(IMPORT)) {
      if (!runs.startsWith('node:')) names.add(packageOf(runs));
    }
  }
  const dependencies = [...names].toSorted().map((name) => {
    const version = ours.dependencies[name];
    if (version === undefined) throw new Error(`the relay imports ${name}, which is no dependency`);
    return [name, version] as const;
  });
  return {
    ...{ name: 'conet-relay', version: VERSION, license: ours.license, type: 'module' },
    description: 'A relay of the CONET private browsing network.',
    // node:sqlite without a flag, and process.execve.
    engines: { node: '>=24' },
    bin: { 'conet-relay': 'relay/main.js' },
    dependencies: Object.fromEntries(dependencies),
    bundleDependencies: dependencies.map(([name]) => name),
  };
}

/** `@scope/name/path` -> `@scope/name` */
function packageOf(module: string): string {
  return module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/');
}
