// Keys of a relay in files of their own: read only where nobody else can, made once and never replaced. What is in one never appears in an error.
// Used by identity.ts and payment-key.ts.

import { open, readFile, stat } from 'node:fs/promises';

export type KeyFileErrorCode = 'missing' | 'readable-by-others' | 'malformed' | 'exists';

export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly code: KeyFileErrorCode;

  constructor(code: KeyFileErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const OWNER_ONLY = 0o600;
const GROUP_AND_OTHERS = 0o077;
/** An Ed25519 key in libp2p's protobuf has 92 characters in base64, a payment key 66. */
const MAX_KEY_FILE_BYTES = 1024;

/**
 * The text of a key's file. Throws `KeyFileError` without a word of it; undefined where it cannot be a key by its size or kind.
 * @param make the command that makes such a key
 */
export async function readKeyFile(path: string, make: string): Promise<string | undefined> {
  const facts = await stat(path).catch(() => {
    throw new KeyFileError('missing', `cannot read the key ${path}; make one with: ${make}`);
  });
  if ((facts.mode & GROUP_AND_OTHERS) !== 0) {
    throw new KeyFileError('readable-by-others', `the key ${path} is open to other users; run: chmod 600 ${path}`);
  }
  if (!facts.isFile() || facts.size > MAX_KEY_FILE_BYTES) return undefined;
  return readFile(path, 'utf8').catch(() => {
    throw new KeyFileError('missing', `cannot read the key ${path}`);
  });
}

/** Throws `KeyFileError` `exists` rather than replace a file: a lost key is a lost name, or lost money. */
export async function writeKeyFile(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY).catch((error: unknown) => {
    const exists = error instanceof Error && (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw exists
      ? new KeyFileError('exists', `${path} exists already; it was left as it is`)
      : new KeyFileError('missing', `cannot write the key ${path}`);
  });
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
