// `conet-relay init`: a commented configuration and a key, side by side. Never overwrites either.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdentity } from '../identity.ts';
import { CONFIG_TEMPLATE } from './config-template.ts';

export class InitError extends Error {
  override readonly name = 'InitError';
}

/** Returns what was written, and what to do next, in lines for a person. */
export async function init(folder: string, identityOnly: boolean): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const keyPath = join(folder, 'relay.key');
  const configPath = join(folder, 'relay.yaml');
  if (!identityOnly) {
    await writeFile(configPath, CONFIG_TEMPLATE, { flag: 'wx' }).catch((error: unknown) => {
      const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
      throw new InitError(exists ? `${configPath} exists already; it was left as it is` : `cannot write ${configPath}`);
    });
  }
  const { label, peerId } = await createIdentity(keyPath);
  const written = `wrote ${keyPath}: peer ${peerId.toString()}, in names ${label}`;
  if (identityOnly) return [written];
  return [`wrote ${configPath}`, written, `edit ${configPath}, then run: conet-relay check --config ${configPath}`];
}
