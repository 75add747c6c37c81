// The directory's messages by their own encoders: questions, and pages of descriptors that both keys of their relays signed.

import { deflateRawSync } from 'node:zlib';
import { encodePage, encodeQuestion } from '../../../src/core/directory/directory-messages.ts';
import { joinEntries } from '../../../src/core/directory/page.ts';
import { makeDescriptors } from '../../support/descriptor-flood.ts';

const EPOCH = `0x${'0f'.repeat(16)}` as const;

export function questions(): Buffer[] {
  const marks = [undefined, { epoch: EPOCH, version: 0 }, { epoch: EPOCH, version: 1 }];
  return [...marks, { epoch: EPOCH, version: Number.MAX_SAFE_INTEGER }].map((mark) =>
    Buffer.from(encodeQuestion(mark)),
  );
}

/** Relays that are nowhere, in a network of loopback: whoever believes a page dials nobody else. */
const RELAYS = 12;
const NETWORK = 99;

export type Pages = {
  /** Whole messages. */
  pages: Buffer[];
  /** Their first column before it is compressed, and the other one. */
  columns: { descriptors: Buffer; signatures: Buffer };
  descriptors: Buffer[];
};

export async function makePages(): Promise<Pages> {
  const made = await makeDescriptors('fuzz', RELAYS, NETWORK);
  const entries = made.map(({ signed }) => signed);
  const columns = joinEntries(entries);
  return {
    columns: { descriptors: Buffer.from(columns.descriptors), signatures: Buffer.from(columns.signatures) },
    descriptors: entries.map(({ descriptor }) => Buffer.from(descriptor)),
    pages: [1, RELAYS].flatMap((count) => {
      const { descriptors, signatures } = joinEntries(entries.slice(0, count));
      return [true, false].map((isLast) => pageOf(deflateRawSync(descriptors), Buffer.from(signatures), isLast));
    }),
  };
}

/** @param descriptors compressed */
export function pageOf(descriptors: Uint8Array, signatures: Uint8Array, isLast = true): Buffer {
  const time = Math.floor(Date.now() / 1000);
  return Buffer.from(
    encodePage({ mark: { epoch: EPOCH, version: 5 }, isLast, time, columns: { descriptors, signatures } }),
  );
}
