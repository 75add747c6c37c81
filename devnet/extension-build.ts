// Builds the extension when what it is made of is newer than what was built. One clear line when the build fails.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserName } from './browsers/driven-browser.ts';
import { DevnetError } from './errors.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = [
  '_locales',
  'background',
  'content',
  'docs/user',
  'pages',
  'popup',
  'src',
  'scripts',
  'manifest.json',
  'webpack.config.ts',
  'package-lock.json',
];
const TARGETS: Record<BrowserName, string> = { chromium: 'dist/chrome', firefox: 'dist/firefox' };
/** Touched by every build of the devnet. */
const STAMP = join(ROOT, 'dist/.devnet-built');
/** Lines of the build's own output that are shown when it fails. */
const SHOWN_LINES = 20;

/** The folder of the unpacked extension for `browser`, freshly built if need be. */
export async function builtExtension(browser: BrowserName): Promise<string> {
  const target = join(ROOT, TARGETS[browser]);
  if (isStale(target)) await build();
  if (!existsSync(join(target, 'manifest.json'))) {
    throw new DevnetError('build-failed', `The build left no ${TARGETS[browser]}/manifest.json; see npm run build.`);
  }
  return target;
}

function isStale(target: string): boolean {
  const manifest = join(target, 'manifest.json');
  if (!existsSync(manifest)) return true;
  // webpack leaves a file alone whose content is the same, so that the stamp of the last build counts too.
  const built = Math.max(newest(target), newest(STAMP));
  return SOURCES.some((source) => newest(join(ROOT, source)) > built);
}

function newest(path: string): number {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), mtimeMs);
}

async function build(): Promise<void> {
  const lines: string[] = [];
  const code = await new Promise<number>((resolve) => {
    // The project's own Node comes first, whatever the machine has.
    const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
    const child = spawn('npm', ['run', '--silent', 'build'], { cwd: ROOT, env: { ...process.env, PATH } });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n').filter(Boolean)));
    }
    child.once('error', (error) => {
      lines.push(error.message);
      resolve(1);
    });
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code === 0) {
    writeFileSync(STAMP, '');
    return;
  }
  throw new DevnetError(
    'build-failed',
    `The extension did not build (npm run build, code ${code}):\n${lines.slice(-SHOWN_LINES).join('\n')}`,
  );
}
