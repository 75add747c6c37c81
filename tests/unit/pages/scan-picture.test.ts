// A picture file: its size is known before anything makes pixels of it, and what is too large, too slow or none is refused by name.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_PICTURE_BYTES,
  MAX_PICTURE_PIXELS,
  readPicture,
  type PictureDeps,
} from '../../../pages/scan/picture-file.ts';
import { pictureSize } from '../../../pages/scan/picture-size.ts';
import { toPng } from '../../support/picture-files.ts';

const PNG = toPng({ width: 6, height: 4, data: new Uint8ClampedArray(6 * 4 * 4) });

/** The first bytes of a JPEG: a segment of the camera's, the tables, then the frame. */
function jpeg(width: number, height: number, frame = 0xc0): Uint8Array {
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  return Uint8Array.from([
    ...[0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xc0, 0, 0],
    ...[0xff, 0xff, 0xc4, 0, 3, 0],
    ...[0xff, frame, 0, 17, 8, ...size, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1],
  ]);
}

function webp(chunk: string, body: readonly number[]): Uint8Array {
  return Uint8Array.from([...Buffer.from('RIFF'), 0, 0, 0, 0, ...Buffer.from(`WEBP${chunk}`), 0, 0, 0, 0, ...body]);
}

describe('the size', () => {
  test.each<[string, Uint8Array, unknown]>([
    ['PNG', PNG, { type: 'image/png', width: 6, height: 4 }],
    ['JPEG', jpeg(4000, 3000), { type: 'image/jpeg', width: 4000, height: 3000 }],
    ['progressive JPEG', jpeg(800, 600, 0xc2), { type: 'image/jpeg', width: 800, height: 600 }],
    ['WebP', webp('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, 0x20, 3, 0x58, 2]), { type: 'image/webp', width: 800, height: 600 }],
    ['lossless WebP', webp('VP8L', [0x2f, 0x1f, 0xc3, 0x95, 0]), { type: 'image/webp', width: 800, height: 600 }],
    [
      'extended WebP',
      webp('VP8X', [0, 0, 0, 0, 0x1f, 3, 0, 0x57, 2, 0]),
      { type: 'image/webp', width: 800, height: 600 },
    ],
    ['a GIF', Buffer.from('GIF89a\u0006\u0000\u0004\u0000'), undefined],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), undefined],
    ['nothing', new Uint8Array(), undefined],
    ['a PNG that is cut off', PNG.subarray(0, 20), undefined],
    ['a JPEG without a frame', jpeg(0, 0).subarray(0, 12), undefined],
    [
      'a JPEG whose data begins first',
      Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 2, ...jpeg(8, 8).subarray(2)]),
      undefined,
    ],
    ['no lines', jpeg(8, 0), undefined],
  ])('of %s', (_name, bytes, size) => {
    expect(pictureSize(bytes)).toEqual(size);
  });

  test('of anything at all: never a throw', () => {
    const begins = fc.constantFrom(PNG.subarray(0, 16), jpeg(8, 8).subarray(0, 4), webp('VP8X', []), new Uint8Array());
    fc.assert(
      fc.property(begins, fc.uint8Array({ maxLength: 200 }), (begin, rest) => {
        const size = pictureSize(Uint8Array.from([...begin, ...rest]));
        if (size !== undefined) expect(Math.min(size.width, size.height)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a file', () => {
  const deps = (more: Partial<PictureDeps> = {}): PictureDeps & { decoded: Blob[]; closed: number } => {
    const own = {
      decoded: [] as Blob[],
      closed: 0,
      decode: async (picture: Blob) => {
        own.decoded.push(picture);
        return { width: 6, height: 4, close: () => (own.closed += 1) } as unknown as ImageBitmap;
      },
      pixelsOf: () => ({ width: 6, height: 4, data: new Uint8ClampedArray(96) }),
      late: new AbortController().signal,
      ...more,
    };
    return own;
  };
  const fileOf = (...parts: BlobPart[]): Blob => new Blob(parts);

  test('becomes pixels, and the browser’s copy is let go', async () => {
    const own = deps();
    expect(await readPicture(fileOf(Uint8Array.from(PNG)), own)).toMatchObject({ width: 6, height: 4 });
    expect(own.decoded.map(({ type }) => type)).toEqual(['image/png']);
    expect(own.closed).toBe(1);
  });

  test('of too many bytes is not even read', async () => {
    const own = deps();
    const file = Object.assign(fileOf('x'), { arrayBuffer: () => Promise.reject(new Error('was read')) });
    Object.defineProperty(file, 'size', { value: MAX_PICTURE_BYTES + 1 });
    await expect(readPicture(file, own)).rejects.toMatchObject({ code: 'too-large' });
  });

  test.each([
    [MAX_PICTURE_PIXELS / 5000, 5000, true],
    [MAX_PICTURE_PIXELS / 5000 + 1, 5000, false],
    [65_535, 65_535, false],
  ])('of %d by %d pixels is given to the browser: %s', async (width, height, isTaken) => {
    const own = deps();
    const read = readPicture(fileOf(Uint8Array.from(jpeg(width, height))), own);
    if (isTaken) await read;
    else await expect(read).rejects.toMatchObject({ code: 'too-many-pixels' });
    expect(own.decoded).toHaveLength(isTaken ? 1 : 0);
  });

  const png = (): Blob => fileOf(Uint8Array.from(PNG));
  test.each<[string, Blob, () => Partial<PictureDeps>, string]>([
    ['that is no picture', fileOf('%PDF-1.7'), () => ({}), 'no-picture'],
    ['that the browser makes nothing of', png(), () => ({ decode: () => Promise.reject(new Error()) }), 'no-picture'],
    ['of which nothing can be drawn', png(), () => ({ pixelsOf: () => undefined }), 'no-picture'],
    ['that never becomes pixels', png(), () => ({ decode: never, late: AbortSignal.timeout(5) }), 'too-slow'],
    ['that is late already', png(), () => ({ late: AbortSignal.abort() }), 'too-slow'],
  ])('%s is refused', async (_name, file, more, code) => {
    await expect(readPicture(file, deps(more()))).rejects.toMatchObject({ code });
  });
});

function never(): Promise<never> {
  return new Promise(() => undefined);
}
