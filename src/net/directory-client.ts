// Asks a relay for its directory. What comes is taken apart, page by page, and not believed: who opens it (src/core/directory/open-descriptor.ts) sees whose it is.

import type { Connection } from '@libp2p/interface';
import { decodePage, DIRECTORY_PROTOCOL, encodeQuestion } from '../core/directory/directory-messages.ts';
import type { ReadMark } from '../core/directory/directory.ts';
import { DirectoryError } from '../core/directory/directory-error.ts';
import type { SignedDescriptor } from '../core/directory/open-descriptor.ts';
import { MAX_PAGE_BYTES, splitEntries } from '../core/directory/page.ts';
import { encodeFrame } from '../core/wire/frames.ts';
import { WireError } from '../core/wire/wire-error.ts';
import type { DirectoryAnswer } from '../ports/entry-client.ts';
import { FrameSource } from './frame-source.ts';

/** Three times 10,000 relays. A relay that sends more wants to fill this side's memory. */
export const MAX_ANSWER_ENTRIES = 30_000;

/**
 * @param mark up to where this relay's directory was read before
 * Throws `DirectoryError` too-large, malformed where the relay breaks the protocol, unfinished or what libp2p throws where it is gone.
 */
export async function askDirectory(
  connection: Connection,
  mark: ReadMark | undefined,
  { signal }: { signal: AbortSignal },
): Promise<DirectoryAnswer> {
  const stream = await connection.newStream(DIRECTORY_PROTOCOL, { signal });
  try {
    const frames = new FrameSource(stream);
    stream.send(encodeFrame(encodeQuestion(mark)));
    const entries: SignedDescriptor[] = [];
    for (;;) {
      const page = decodePage(await frames.next({ signal }));
      if (page.columns !== undefined) {
        const descriptors = await inflate(page.columns.descriptors);
        entries.push(...splitEntries({ descriptors, signatures: page.columns.signatures }));
      }
      if (entries.length > MAX_ANSWER_ENTRIES) throw new DirectoryError('too-large', 'a directory is too long');
      if (page.isLast) {
        await stream.close({ signal });
        return { entries, mark: page.mark, time: page.time };
      }
      // Else a relay could send pages of nothing for ever.
      if (page.columns === undefined) throw new DirectoryError('malformed', 'a page of nothing that is not the last');
    }
  } catch (cause) {
    const error = cause instanceof WireError ? faultOf(cause) : cause;
    stream.abort(error as Error);
    throw error;
  }
}

function faultOf(cause: WireError): DirectoryError {
  return new DirectoryError(cause.code === 'truncated' ? 'unfinished' : 'malformed', cause.message, { cause });
}

/** Stops at the length of a page: a few bytes can become a thousand times as many. */
async function inflate(compressed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([Uint8Array.from(compressed)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  const whole = new Uint8Array(MAX_PAGE_BYTES);
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return whole.subarray(0, length);
      if (length + value.length > whole.length) throw new DirectoryError('too-large', 'a page is too long');
      whole.set(value, length);
      length += value.length;
    }
  } catch (cause) {
    await reader.cancel().catch(() => undefined);
    if (cause instanceof DirectoryError) throw cause;
    throw new DirectoryError('malformed', 'a page that is not compressed as it should be', { cause });
  }
}
