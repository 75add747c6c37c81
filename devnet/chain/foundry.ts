// Where npm put the binaries of Foundry. They are started themselves and never through npx: ending npx leaves them running.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DevnetError } from '../errors.ts';

const MODULES = join(import.meta.dirname, '../../node_modules');
/** How the packages of Foundry name what Node calls otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** @throws DevnetError `missing-foundry` */
export function foundryBinary(tool: 'anvil' | 'forge'): string {
  const name = `@foundry-rs/${tool}-${process.platform}-${ARCHITECTURES[process.arch] ?? process.arch}`;
  const path = join(MODULES, name, 'bin', tool);
  if (!existsSync(path))
    throw new DevnetError('missing-foundry', `${tool} is not installed: npm install ${name}@1.7.1`);
  return path;
}
