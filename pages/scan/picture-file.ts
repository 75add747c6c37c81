// A picture that the person chose or dropped, as pixels. Refused before the browser makes pixels of it where it is too large.

import type { Pixels } from './find-code.ts';
import { pictureSize } from './picture-size.ts';
import { PICTURE_SIDE, type PixelsOf } from './pixels.ts';

export const PICTURE_PROBLEMS = ['too-large', 'too-many-pixels', 'no-picture', 'too-slow'] as const;
export type PictureProblem = (typeof PICTURE_PROBLEMS)[number];

export class PictureError extends Error {
  override readonly name = 'PictureError';
  readonly code: PictureProblem;

  constructor(code: PictureProblem, options?: ErrorOptions) {
    super(`picture: ${code}`, options);
    this.code = code;
  }
}

/** A photograph of a telephone has 3 to 15 MB. */
export const MAX_PICTURE_BYTES = 20_000_000;
/** Those of the most have 50; as pixels 200 MB, for a moment. */
export const MAX_PICTURE_PIXELS = 50_000_000;

export type PictureDeps = {
  /** Of the browser. Not by an element: the content security policy lets in no picture by a URL that is not the extension's own. */
  decode: (picture: Blob) => Promise<ImageBitmap>;
  pixelsOf: PixelsOf;
  /** When it takes too long. */
  late: AbortSignal;
};

/** Throws `PictureError`. */
export async function readPicture(file: Blob, { decode, pixelsOf, late }: PictureDeps): Promise<Pixels> {
  if (file.size > MAX_PICTURE_BYTES) throw new PictureError('too-large');
  const bytes = await inTime(file.arrayBuffer(), late);
  const size = pictureSize(new Uint8Array(bytes));
  if (size === undefined) throw new PictureError('no-picture');
  if (size.width * size.height > MAX_PICTURE_PIXELS) throw new PictureError('too-many-pixels');
  const bitmap = await inTime(decode(new Blob([bytes], { type: size.type })), late);
  try {
    const pixels = pixelsOf(bitmap, bitmap, PICTURE_SIDE);
    if (pixels === undefined) throw new PictureError('no-picture');
    return pixels;
  } finally {
    bitmap.close();
  }
}

function inTime<T>(work: Promise<T>, late: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onLate = (): void => reject(new PictureError('too-slow'));
    if (late.aborted) onLate();
    late.addEventListener('abort', onLate, { once: true });
    work.then(resolve, (cause: unknown) => reject(new PictureError('no-picture', { cause })));
  });
}
