// Installs the npm packages where they are missing or differ from package-lock.json. Called by with-setup.mjs before anything else.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export class SetupError extends Error {}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The Node that the project pins (devDependency `node`): libp2p 3 and vitest need 22 or newer, and many machines have 20. */
export function projectNode() {
  return join(root, 'node_modules', '.bin', 'node');
}

export function ensureNpmPackages() {
  if (installedMatchesLockfile() && nodeRuns()) return;
  console.error('set-up: installing the npm packages of package-lock.json ...');
  const install = npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
  if (install.status !== 0) throw new SetupError('`npm ci` failed; its message stands above');
  if (nodeRuns()) return;
  // The package `node` fetches its binary package in an install script, which a person's npm may be set to skip.
  npm('rebuild', 'node', '--ignore-scripts=false', '--loglevel=error');
  if (!nodeRuns()) throw new SetupError('the pinned Node does not run; try `npm rebuild node --ignore-scripts=false`');
}

/** npm writes node_modules/.package-lock.json last of all, so a broken-off installation does not match either. */
function installedMatchesLockfile() {
  const wanted = lockedPackages('package-lock.json');
  const installed = lockedPackages(join('node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional === true || installed[path]?.version === version,
  );
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return {};
  }
}

function nodeRuns() {
  const pinned = lockedPackages('package-lock.json')['node_modules/node']?.version;
  const answer = spawnSync(projectNode(), ['--version'], { encoding: 'utf8' });
  return answer.status === 0 && answer.stdout.trim() === `v${pinned}`;
}

function npm(...words) {
  return spawnSync('npm', words, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
}
