// `conet-relay init`: a commented configuration and a key, side by side, or one of the relay's two keys alone. Never overwrites any.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdentity } from '../identity.ts';
import { createPaymentKey } from '../payment-key.ts';
import type { KeyName } from './args.ts';
import { CONFIG_TEMPLATE } from './config-template.ts';

export class InitError extends Error {
  override readonly name = 'InitError';
}

/** Returns what was written, and what to do next, in lines for a person. */
export async function init(folder: string, only?: KeyName): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  if (only === 'payment') {
    const path = join(folder, 'payment.key');
    const { address } = await createPaymentKey(path);
    return [`wrote ${path}: address ${address}; it needs a little ETH of the network for gas`];
  }
  const keyPath = join(folder, 'relay.key');
  const configPath = join(folder, 'relay.yaml');
  if (only === undefined) {
    await writeFile(configPath, CONFIG_TEMPLATE, { flag: 'wx' }).catch((error: unknown) => {
      const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
      throw new InitError(exists ? `${configPath} exists already; it was left as it is` : `cannot write ${configPath}`);
    });
  }
  const { label, peerId } = await createIdentity(keyPath);
  const written = `wrote ${keyPath}: peer ${peerId.toString()}, in names ${label}`;
  if (only === 'identity') return [written];
  return [`wrote ${configPath}`, written, `edit ${configPath}, then run: conet-relay check --config ${configPath}`];
}
