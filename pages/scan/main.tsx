// The scan page's entry point: joins camera, pictures and worker. A popup is gone as soon as the browser asks for the camera, so this is a tab.

import { createRef, render } from 'preact';
import { send } from '../../src/platform/messaging.ts';
import { onPageSettings, openPage } from '../../src/platform/page-settings.ts';
import { speak } from '../../src/text/speak.ts';
import { openCamera } from './camera.ts';
import { findCode, findCodeInAll } from './find-code.ts';
import { readPicture } from './picture-file.ts';
import { createPixelsOf, FRAME_SIDE } from './pixels.ts';
import { createScanner } from './scanner.ts';
import { toScanModel, type ScanState } from './view-model.ts';
import { ScanPage } from './views.tsx';

/** Of a file from a disk that sleeps, or a network drive, ms. */
const READ_MS = 10_000;
/** For all looks at one picture, ms. */
const PICTURE_MS = 2000;

let shown: ScanState = { camera: 'off', found: undefined, adding: undefined };
const pixelsOf = createPixelsOf();
const video = createRef<HTMLVideoElement>();

const scanner = createScanner({
  openCamera: async ({ onFrame, ...init }) => {
    const element = video.current;
    if (element === null) throw new Error('the page has no place for the picture');
    await openCamera(element, {
      ...init,
      onFrame: ({ videoWidth: width, videoHeight: height }) => {
        const pixels = pixelsOf(element, { width, height }, FRAME_SIDE);
        if (pixels !== undefined) onFrame(pixels);
      },
    });
  },
  readPicture: (file) =>
    readPicture(file, {
      decode: (picture) => createImageBitmap(picture),
      ...{ pixelsOf, late: AbortSignal.timeout(READ_MS) },
    }),
  findCode,
  findCodeInAll: (pixels) => findCodeInAll(pixels, { withinMs: PICTURE_MS, now: () => performance.now() }),
  send,
  show,
});

function show(state: ScanState): void {
  shown = state;
  const root = document.getElementById('scan');
  if (root === null) return;
  const onFile = (file: File): void => void scanner.takePicture(file);
  const onCamera = (action: 'start' | 'stop'): void => {
    if (action === 'start') void scanner.startCamera();
    else scanner.stopCamera();
  };
  const on = { onCamera, onFile, onAdd: () => void scanner.add() };
  render(<ScanPage model={toScanModel(state)} video={video} {...on} />, root);
}

// Nobody looks at it any more.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) scanner.stopCamera();
});
addEventListener('pagehide', () => scanner.stopCamera());

// Dropped beside the field it would be opened in the place of this page.
addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer?.files ?? [];
  if (file !== undefined) void scanner.takePicture(file);
});

async function open(): Promise<void> {
  speak(await openPage(), document, 'scan_title');
  onPageSettings((catalog) => {
    speak(catalog, document, 'scan_title');
    show(shown);
  });
  show(shown);
  askForCamera();
}

void open();

function askForCamera(): void {
  if (location.hash !== '#camera') return;
  // The person asked for it in the popup, once: a tab that is loaded again or comes back with its window shows no camera by itself.
  history.replaceState(null, '', location.pathname);
  if (!document.hidden) void scanner.startCamera();
}
