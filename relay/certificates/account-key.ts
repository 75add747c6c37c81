// The key of the relay's account with certificate authorities, the same for all of them: read, or made where there is none. One that cannot be read is replaced: an account holds nothing
// but orders, and a new one is free. Called by autotls-source.ts.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import { AutotlsError } from './autotls-error.ts';
import { readSecret, writeSecret } from './secret-file.ts';

/** Throws `AutotlsError` `state` where it cannot be written. */
export async function loadAccountKey(path: string, log: Logger): Promise<KeyObject> {
  const text = await readSecret(path);
  const found = text === undefined ? undefined : parseKey(text);
  if (found !== undefined) return found;
  if (text !== undefined)
    log.warn({ event: 'certificate-trouble', code: 'state' }, `${path} holds no key: a new account is made`);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  try {
    await writeSecret(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  } catch (error) {
    throw new AutotlsError('state', `${path} cannot be written (${String((error as NodeJS.ErrnoException).code)})`, {
      cause: error,
    });
  }
  return privateKey;
}

/** ES256 alone: what every authority takes, and nobody needs another. */
function parseKey(text: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(text);
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}
