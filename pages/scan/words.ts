// What the page says of the camera and of pictures. Of an address that is wrong it says the same as where it is typed (src/core/directory/begin-advice.ts).

import { text, type MessageKey, type Text } from '../../src/core/text/text.ts';
import type { CameraProblem } from './camera.ts';
import { MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, type PictureProblem } from './picture-file.ts';

export const CAMERA: Readonly<Record<'off' | 'starting' | 'on' | CameraProblem, MessageKey>> = {
  off: 'scan_camera_off',
  starting: 'scan_camera_starting',
  on: 'scan_camera_on',
  denied: 'scan_camera_denied',
  none: 'scan_camera_none',
  busy: 'scan_camera_busy',
  ended: 'scan_camera_ended',
};

export const PICTURE: Readonly<Record<PictureProblem, Text>> = {
  'too-large': text('scan_too_large', { limit: MAX_PICTURE_BYTES / 1_000_000 }),
  'too-many-pixels': text('scan_too_many_pixels', { limit: MAX_PICTURE_PIXELS / 1_000_000 }),
  'no-picture': text('scan_no_picture'),
  'too-slow': text('scan_too_slow'),
};
