// A directory to pages of text and back (src/core/directory/stored-directory.ts). Compressed by the browser's own deflate, as between relays.

import type { Directory } from '../../src/core/directory/directory.ts';
import { decodeDescriptor } from '../../src/core/directory/descriptor.ts';
import type { OpenedDescriptor } from '../../src/core/directory/open-descriptor.ts';
import { fillPage, joinEntries, MAX_PAGE_BYTES, splitEntries } from '../../src/core/directory/page.ts';
import type { StoredPage } from '../../src/core/directory/stored-directory.ts';

export async function toPages(directory: Directory): Promise<StoredPage[]> {
  const pages: StoredPage[] = [];
  for (let left = directory.since(undefined); left.length > 0;) {
    const entries = fillPage(left);
    left = left.slice(entries.length);
    const { descriptors, signatures } = joinEntries(entries.map(({ signed }) => signed));
    const compressed = await through(descriptors, new CompressionStream('deflate-raw'));
    pages.push({ descriptors: toBase64(compressed), signatures: toBase64(signatures) });
  }
  return pages;
}

/** What cannot be read is left out, page by page: relays have it. */
export async function fromPages(pages: readonly StoredPage[]): Promise<OpenedDescriptor[]> {
  const opened: OpenedDescriptor[] = [];
  for (const { descriptors, signatures } of pages) {
    try {
      const inflated = await through(fromBase64(descriptors), new DecompressionStream('deflate-raw'));
      for (const signed of splitEntries({ descriptors: inflated, signatures: fromBase64(signatures) }))
        opened.push({ descriptor: decodeDescriptor(signed.descriptor), signed });
    } catch {
      continue;
    }
  }
  return opened;
}

/** No longer than a page, whatever comes. */
async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const reader = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(stream).getReader();
  const whole = new Uint8Array(2 * MAX_PAGE_BYTES);
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    whole.set(part.value, length);
    length += part.value.length;
  }
  return whole.subarray(0, length);
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
