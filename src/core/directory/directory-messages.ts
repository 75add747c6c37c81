// The messages of `/conet/directory/1.0.0`: one question, and pages until the last. docs/protocol/directory.md says what each field means; docs/protocol/directory.proto has
// the same numbers. What is in a page is compressed where it is sent (RFC 1951), and no longer than a page may be when it is not.

import { bool, bytes, uint, uint64 } from '../wire/kinds.ts';
import { decodeMessage, encodeMessage, optional, required } from '../wire/message.ts';
import { asDirectoryError } from './descriptor.ts';
import { epoch, type ReadMark } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import { MAX_PAGE_BYTES } from './page.ts';

export const DIRECTORY_PROTOCOL = '/conet/directory/1.0.0';

/** Deflate makes what it cannot compress longer by 5 bytes for each 64 KiB (RFC 1951 §3.2.4). */
const MAX_COMPRESSED_BYTES = MAX_PAGE_BYTES + 16;

const QUESTION = {
  /** Missing: all is asked for. */
  epoch: optional(1, epoch),
  /** 0 without an epoch: a message of no fields is none. */
  version: required(2, uint64),
};

const PAGE = {
  epoch: required(1, epoch),
  /** Up to where it has been read with this page. */
  version: required(2, uint64),
  isLast: required(3, bool),
  /** Both are missing where nothing is new. */
  descriptors: optional(4, bytes(MAX_COMPRESSED_BYTES)),
  signatures: optional(5, bytes(MAX_PAGE_BYTES)),
  /** Seconds since the epoch, by the clock of who answers: whose clock is wrong is seen where several agree (clock.ts). */
  time: required(6, uint()),
};

export type DirectoryPage = {
  mark: ReadMark;
  isLast: boolean;
  /** Seconds since the epoch. */
  time: number;
  /** `descriptors` compressed. */
  columns: { descriptors: Uint8Array; signatures: Uint8Array } | undefined;
};

/** @param mark undefined: all of it */
export function encodeQuestion(mark: ReadMark | undefined): Uint8Array<ArrayBuffer> {
  return asDirectoryError(() => encodeMessage(QUESTION, { epoch: mark?.epoch, version: BigInt(mark?.version ?? 0) }));
}

/** Throws `DirectoryError` malformed. */
export function decodeQuestion(question: Uint8Array): ReadMark | undefined {
  return asDirectoryError(() => {
    const { epoch: of, version } = decodeMessage(QUESTION, question);
    if (of === undefined && version > 0n) throw new DirectoryError('malformed', 'a version of no epoch');
    return of === undefined ? undefined : markOf(of, version);
  });
}

export function encodePage({ mark, isLast, time, columns }: DirectoryPage): Uint8Array<ArrayBuffer> {
  return asDirectoryError(() =>
    encodeMessage(PAGE, { epoch: mark.epoch, version: BigInt(mark.version), isLast, time, ...columns }),
  );
}

/** Throws `DirectoryError` malformed. */
export function decodePage(page: Uint8Array): DirectoryPage {
  return asDirectoryError(() => {
    const { epoch: of, version, isLast, time, descriptors, signatures } = decodeMessage(PAGE, page);
    if ((descriptors === undefined) !== (signatures === undefined))
      throw new DirectoryError('malformed', 'one column without the other');
    const columns = descriptors === undefined || signatures === undefined ? undefined : { descriptors, signatures };
    return { mark: markOf(of, version), isLast, time, columns };
  });
}

function markOf(of: ReadMark['epoch'], version: bigint): ReadMark {
  // Counted one by one: nobody comes so far.
  if (version > BigInt(Number.MAX_SAFE_INTEGER)) throw new DirectoryError('malformed', 'a version beyond all counting');
  return { epoch: of, version: Number(version) };
}
