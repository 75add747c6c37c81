// What a relay knows of others, kept over a restart: so that it can begin again though everybody it began with is gone, and clients that have read from it need not read all
// again. It is this relay's own file: what is in it was opened before, and its signatures are not checked again.

import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeDescriptor } from '../../src/core/directory/descriptor.ts';
import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import { epoch, type Directory, type Kept, type ReadMark } from '../../src/core/directory/directory.ts';
import { decodeSigned, encodeSigned } from '../../src/core/directory/open-descriptor.ts';
import { encodeFrame, FrameReader } from '../../src/core/wire/frames.ts';
import { bytes, uint } from '../../src/core/wire/kinds.ts';
import { decodeMessage, encodeMessage, required } from '../../src/core/wire/message.ts';
import { WireError } from '../../src/core/wire/wire-error.ts';

/** 30,000 entries of 500 bytes; a wrong path to something large is refused at once. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const OWNER_ONLY = 0o600;
/**
 * What came after the last writing had numbers too, and somebody may have read up to them. A relay would have to take in so many between two writings for a number to come
 * twice.
 */
const GAP = 1_000_000;

const HEAD = { form: required(1, uint(1)), epoch: required(2, epoch), version: required(3, uint()) };
const ENTRY = { version: required(1, uint()), signed: required(2, bytes(8 * 1024)) };

export type Stored = { mark: ReadMark; entries: Omit<Kept, 'vouched'>[] };

/** Undefined where there is none. Throws `DirectoryError` malformed, too-large for what is none, and the system's own where it cannot be read. */
export async function readDirectoryFile(path: string): Promise<Stored | undefined> {
  const content = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (content === undefined) return undefined;
  if (content.length > MAX_FILE_BYTES) throw new DirectoryError('too-large', 'the stored directory is too long');
  try {
    const reader = new FrameReader();
    const [head, ...rest] = reader.push(content);
    reader.end();
    if (head === undefined) throw new WireError('truncated', 'the stored directory is empty');
    const { epoch: of, version } = decodeMessage(HEAD, head);
    const entries = rest.map((frame) => {
      const { version: numbered, signed } = decodeMessage(ENTRY, frame);
      const opened = decodeSigned(signed);
      return { descriptor: decodeDescriptor(opened.descriptor), signed: opened, version: numbered };
    });
    return { mark: { epoch: of, version: version + GAP }, entries };
  } catch (cause) {
    if (cause instanceof WireError) throw new DirectoryError('malformed', cause.message, { cause });
    throw cause;
  }
}

/** Whole or not at all. */
export async function writeDirectoryFile(path: string, directory: Directory): Promise<void> {
  const { epoch: of, version } = directory.mark;
  const frames = [
    encodeFrame(encodeMessage(HEAD, { form: 1, epoch: of, version })),
    ...directory
      .since(undefined)
      .map((kept) => encodeFrame(encodeMessage(ENTRY, { version: kept.version, signed: encodeSigned(kept.signed) }))),
  ];
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.next`;
  const file = await open(next, 'w', OWNER_ONLY);
  try {
    await file.writeFile(Buffer.concat(frames));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}
