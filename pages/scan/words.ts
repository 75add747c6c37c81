// What the page says. Of an address that is wrong it says the same as where it is typed (src/core/directory/begin-advice.ts).

import { MAX_BEGIN_ADDRESSES } from '../../src/core/directory/begin-places.ts';
import type { CameraProblem } from './camera.ts';
import { MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, type PictureProblem } from './picture-file.ts';

const FILE_IS_THERE = 'You can still choose a picture of the code below.';

export const WORDS = {
  title: 'Scan the address of a relay',
  about:
    'Whoever runs a relay can show its address as a QR code. Hold the code in front of the camera, or choose a picture of it. Camera and pictures are looked at in this tab alone: nothing of them is sent or kept.',
  video: 'What the camera sees',
  start: 'Use the camera',
  stop: 'Stop the camera',
  camera: {
    off: 'The camera is off.',
    starting: 'The browser may ask whether the camera may be used.',
    on: 'Looking for a code. Hold it still and straight, so that it fills half of the picture.',
    denied: `The camera may not be used here. The browser’s settings for this page can allow it. ${FILE_IS_THERE}`,
    none: `No camera was found. ${FILE_IS_THERE}`,
    busy: `The camera cannot be used now. Another program may have it. ${FILE_IS_THERE}`,
    ended: `The camera was taken away. ${FILE_IS_THERE}`,
  } satisfies Record<'off' | 'starting' | 'on' | CameraProblem, string>,
  file: 'A picture of the code',
  fileNote: 'A screenshot or a photograph (PNG, JPEG or WebP). You can drop it on this page, too.',
  looking: 'Looking at the picture…',
  noCode: 'No QR code can be read in this picture. Try one that is sharper, or nearer to the code.',
  picture: {
    'too-large': `This file has more than ${MAX_PICTURE_BYTES / 1_000_000} MB. Cut the code out of it, and choose that.`,
    'too-many-pixels': `This picture has more than ${MAX_PICTURE_PIXELS / 1_000_000} megapixels. Cut the code out of it, and choose that.`,
    'no-picture': 'This is no picture that can be read here: PNG, JPEG or WebP.',
    'too-slow': 'The file took too long to read.',
  } satisfies Record<PictureProblem, string>,
  other: 'This code is not the address of a relay.',
  relay: (address: string, port: number) =>
    `A relay at ${address}, port ${port}. When no relay is known, or none will do, it is asked for others, and sees that somebody here uses this network.`,
  add: 'Begin with this relay',
  added: 'Added to your places to begin. It is asked when no relay will do. You can close this tab.',
  known: 'This relay is among your places to begin already.',
  tooMany: `${MAX_BEGIN_ADDRESSES} addresses are the most that are asked. Take one out under “Relays”, “Places to begin” in the popup.`,
  stale: 'The extension was updated. Close this tab and open it from the popup again.',
  failed: 'That did not work. Please try again.',
} as const;
