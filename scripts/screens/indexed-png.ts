// A picture of a page in as few bytes as may lie in a repository: a palette instead of three bytes a point (ISO/IEC 15948, colour type 3), a fifth of the size.

import { crc32, deflateSync } from 'node:zlib';

/** What a palette can hold. */
const MAX_COLOURS = 256;
/** Bits of a channel that are kept: all that fit. Half of the last step, 4 of 255, no eye sees and the comparison is far above it. */
const PRECISIONS = [8, 5, 4, 3, 2];

/** @param data RGBA without transparency */
export function encodeIndexed({ width, height, data }: { width: number; height: number; data: Buffer }): Buffer {
  for (const bits of PRECISIONS) {
    const indexed = indexColours(data, bits);
    if (indexed === undefined) continue;
    const rows = Buffer.alloc((width + 1) * height);
    for (let row = 0; row < height; row++) {
      rows.set(indexed.points.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
    }
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 3], 8);
    return Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', header),
      chunk('PLTE', Buffer.from(indexed.palette.flat())),
      chunk('IDAT', deflateSync(rows, { level: 9 })),
      chunk('IEND', Buffer.alloc(0)),
    ]);
  }
  throw new Error('two bits a channel are 64 colours');
}

/** Undefined where there are too many. Of those that fall together the first one stands for all, so that plain grounds stay exact. */
function indexColours(data: Buffer, bits: number): { palette: number[][]; points: Buffer } | undefined {
  const shift = 8 - bits;
  const numbers = new Map<number, number>();
  const palette: number[][] = [];
  const points = Buffer.alloc(data.length / 4);
  for (let point = 0; point < points.length; point++) {
    const [red = 0, green = 0, blue = 0] = data.subarray(point * 4, point * 4 + 3);
    const key = ((red >> shift) << 16) | ((green >> shift) << 8) | (blue >> shift);
    let number = numbers.get(key);
    if (number === undefined) {
      number = palette.length;
      if (number === MAX_COLOURS) return undefined;
      numbers.set(key, number);
      palette.push([red, green, blue]);
    }
    points[point] = number;
  }
  return { palette, points };
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}
