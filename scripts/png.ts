// The frame of a PNG (ISO/IEC 15948), 8 bits a channel: signature, header, the chunks that are given, and the end.

import { crc32 } from 'node:zlib';

/** `colourType`: 3 with a palette, 6 with red, green, blue and alpha. */
export type PngHeader = { width: number; height: number; colourType: 3 | 6 };

export function png({ width, height, colourType }: PngHeader, chunks: readonly [type: string, data: Buffer][]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, colourType], 8);
  const all = [['IHDR', header], ...chunks, ['IEND', Buffer.alloc(0)]] as const;
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...all.map(([type, data]) => chunk(type, data))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}
