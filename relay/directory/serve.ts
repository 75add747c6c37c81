// Answers questions for the directory: pages of all that is new since the reader's mark, as fast as it reads and no faster. Knows nothing of who asks.

import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import type { Connection, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { Logger } from 'pino';
import {
  decodeQuestion,
  DIRECTORY_PROTOCOL,
  encodePage,
  type DirectoryPage,
} from '../../src/core/directory/directory-messages.ts';
import type { Directory, Kept, ReadMark } from '../../src/core/directory/directory.ts';
import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import { fillPage, joinEntries } from '../../src/core/directory/page.ts';
import type { RelayNode } from '../net/node.ts';

/** A whole directory is 3 MB: whoever takes longer for it has no use for it, and holds a stream. */
const ANSWER_TIMEOUT_MS = 60_000;
/** A client asks once; a second one may follow before the first has closed. */
const MAX_STREAMS_PER_CONNECTION = 2;
/** Room for the two numbers of a mark and fields of later versions. */
const MAX_QUESTION_BYTES = 256;
/** Nothing is expected after the question. */
const MAX_UNREAD_BYTES = 64 * 1024;

const compress = promisify(deflateRaw);

export type ServeInit = {
  node: Pick<RelayNode, 'handle'>;
  directory: Directory;
  log: Logger;
  /** ms since the epoch. */
  now: () => number;
  /** Told who has had an answer. */
  onAsked?: (connection: Connection) => void;
};

/** Registers the protocol on the node. */
export async function serveDirectory({ node, onAsked, ...init }: ServeInit): Promise<void> {
  const handle = async (stream: Stream, connection: Connection): Promise<void> => {
    await answer(stream, init);
    onAsked?.(connection);
  };
  await node.handle(DIRECTORY_PROTOCOL, handle, { maxInboundStreams: MAX_STREAMS_PER_CONNECTION });
}

async function answer(stream: Stream, { directory, log, now }: Omit<ServeInit, 'node' | 'onAsked'>): Promise<void> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    const frames = lpStream(stream, { maxDataLength: MAX_QUESTION_BYTES, maxBufferSize: MAX_UNREAD_BYTES });
    const question = (await frames.read({ signal })).subarray();
    for await (const page of pagesOf(directory, decodeQuestion(question), now)) await frames.write(page, { signal });
    await stream.close({ signal });
  } catch (error) {
    // The peer's, whatever it is: it broke the protocol, went away or took too long.
    log.debug({ event: 'directory-answer-ended', fault: error instanceof Error ? error.name : 'unknown' });
    stream.abort(error instanceof Error ? error : new DirectoryError('malformed', 'a fault of the reader'));
  }
}

/** What a reader gets that has read up to the mark: each page as it is sent. */
export async function* pagesOf(
  directory: Directory,
  asked: ReadMark | undefined,
  now: () => number,
): AsyncGenerator<Uint8Array> {
  const { mark } = directory;
  for (let left = directory.since(asked), isLast = false; !isLast;) {
    const entries = fillPage(left);
    left = left.slice(entries.length);
    isLast = left.length === 0;
    const read = isLast ? mark : { ...mark, version: entries.at(-1)?.version ?? 0 };
    yield encodePage({ mark: read, isLast, time: Math.floor(now() / 1000), columns: await columnsOf(mark, entries) });
  }
}

/** Compressed pages, by what is in them: whoever asks for all again and again costs the bytes, and not the work. */
const compressed = new Map<string, Promise<DirectoryPage['columns']>>();
/** A whole directory of 30,000; 60 KiB each. */
const MAX_COMPRESSED = 160;

function columnsOf({ epoch }: ReadMark, entries: readonly Kept[]): Promise<DirectoryPage['columns']> {
  // A number stands for one descriptor of one directory.
  const key = [epoch, entries[0]?.version, entries.at(-1)?.version, entries.length].join();
  const known = compressed.get(key);
  if (known !== undefined) return known;
  const made = compressColumns(entries);
  compressed.set(key, made);
  const [oldest] = compressed.keys();
  if (compressed.size > MAX_COMPRESSED && oldest !== undefined) compressed.delete(oldest);
  return made;
}

async function compressColumns(entries: readonly Kept[]): Promise<DirectoryPage['columns']> {
  if (entries.length === 0) return undefined;
  const { descriptors, signatures } = joinEntries(entries.map(({ signed }) => signed));
  return { descriptors: await compress(descriptors, { level: 9, memLevel: 9 }), signatures };
}
