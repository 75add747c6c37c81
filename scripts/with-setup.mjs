// Runs one of the project's TypeScript programs on a machine where nothing was prepared: sets up what is missing, then hands over
// to the Node of node_modules, which runs TypeScript as it is. Plain JavaScript on Node's own modules, since it runs before all else.
//
//   node scripts/with-setup.mjs [--browsers|--peers] PROGRAM.ts [arguments...]

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ensureNpmPackages, projectNode, SetupError } from './setup/npm-packages.mjs';
import { ensureSystemPackages } from './setup/system-packages.mjs';

const compileCache = fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url));

const [flag, ...rest] = process.argv.slice(2);
const wantsPeers = flag === '--peers';
const wantsSystem = wantsPeers || flag === '--browsers';
const [program, ...programArguments] = wantsSystem ? rest : [flag, ...rest];

try {
  ensureNpmPackages();
  if (wantsSystem) ensureSystemPackages({ peers: wantsPeers });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`set-up: ${error.message}`);
  process.exit(1);
}

// A network is five relays, and each would compile the same TypeScript anew: 6.7 s of work, 4.3 s with what the last one kept.
const env = { NODE_COMPILE_CACHE: compileCache, ...process.env };
const child = spawn(projectNode(), [program, ...programArguments], { stdio: 'inherit', env });
// Ctrl-C reaches the whole process group: the program ends what it started, and this waits for it. Other signals come to us alone.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 1)));
