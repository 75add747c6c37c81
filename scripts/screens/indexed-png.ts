// A picture of a page in as few bytes as may lie in a repository: a palette instead of three bytes a point (ISO/IEC 15948, colour type 3), a fifth of the size.

import { deflateSync } from 'node:zlib';
import { png } from '../png.ts';

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
    const palette = Buffer.from(indexed.palette.flat());
    return png({ width, height, colourType: 3 }, [
      ['PLTE', palette],
      ['IDAT', deflateSync(rows, { level: 9 })],
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
