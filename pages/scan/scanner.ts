// What happens on the page: the camera on and off, a code found, its address added. Shows each state; the browser and the worker are passed in by main.tsx.

import { MAX_BEGIN_ADDRESSES } from '../../src/core/directory/begin-places.ts';
import { MessageError } from '../../src/messages/message-error.ts';
import type { MessageData, MessageReply } from '../../src/messages/protocol.ts';
import { CameraError, type CameraInit } from './camera.ts';
import type { Pixels } from './find-code.ts';
import { PictureError } from './picture-file.ts';
import { readCode } from './read-code.ts';
import type { ScanState } from './view-model.ts';

type Question = 'relays/read-begin' | 'relays/set-begin';

export type ScannerDeps = {
  /** Throws `CameraError`. */
  openCamera: (init: Omit<CameraInit, 'onFrame'> & { onFrame: (pixels: Pixels) => void }) => Promise<void>;
  /** Throws `PictureError`. */
  readPicture: (file: Blob) => Promise<Pixels>;
  /** @param look counted on and on */
  findCode: (pixels: Pixels, look: number) => string | undefined;
  findCodeInAll: (pixels: Pixels) => string | undefined;
  send: <T extends Question>(type: T, data: MessageData<T>) => Promise<MessageReply<T>>;
  show: (state: ScanState) => void;
};

export type Scanner = {
  startCamera(): Promise<void>;
  /** Its light goes out before this returns. */
  stopCamera(): void;
  takePicture(file: Blob): Promise<void>;
  /** The address that was found goes to the places to begin. */
  add(): Promise<void>;
};

export function createScanner({ openCamera, readPicture, findCode, findCodeInAll, send, show }: ScannerDeps): Scanner {
  let state: ScanState = { camera: 'off', found: undefined, adding: undefined };
  let running: AbortController | undefined;
  /** Counts pictures: only the last one counts. */
  let pictures = 0;
  const update = (change: Partial<ScanState>): void => {
    state = { ...state, ...change };
    show(state);
  };
  const stopCamera = (): void => {
    if (running === undefined) return;
    running.abort();
    running = undefined;
    update({ camera: 'off' });
  };
  const take = (code: string): void => {
    const reading = readCode(code);
    // The camera sees the same code eight times in a second: it is told once.
    const { found } = state;
    if (reading.is === 'other' && found?.is === 'other' && found.why === reading.why && found.shown === reading.shown)
      return;
    if (reading.is === 'address') stopCamera();
    update({ found: reading, adding: undefined });
  };

  return {
    startCamera: async () => {
      if (running !== undefined) return;
      const own = (running = new AbortController());
      let looks = 0;
      update({ camera: 'starting', found: undefined, adding: undefined });
      const end = (problem: CameraError): void => {
        if (running !== own) return;
        stopCamera();
        update({ camera: problem.code });
      };
      try {
        await openCamera({
          signal: own.signal,
          onFrame: (pixels) => {
            const code = findCode(pixels, looks++);
            if (code !== undefined && running === own) take(code);
          },
          onEnded: () => end(new CameraError('ended')),
        });
        if (running === own) update({ camera: 'on' });
      } catch (error) {
        end(error instanceof CameraError ? error : new CameraError('busy', { cause: error }));
      }
    },
    stopCamera,
    takePicture: async (file) => {
      const picture = ++pictures;
      update({ found: { is: 'looking' }, adding: undefined });
      try {
        const code = findCodeInAll(await readPicture(file));
        if (picture !== pictures) return;
        if (code === undefined) update({ found: { is: 'no-code' } });
        else take(code);
      } catch (error) {
        const why = error instanceof PictureError ? error.code : 'no-picture';
        if (picture === pictures) update({ found: { is: 'refused', why } });
      }
    },
    add: async () => {
      const { found, adding } = state;
      if (found?.is !== 'address' || adding === 'busy' || adding === 'added') return;
      update({ adding: 'busy' });
      try {
        const { places } = await send('relays/read-begin', {});
        const { text } = found;
        if (places.addresses.includes(text)) update({ adding: 'known' });
        else if (places.addresses.length >= MAX_BEGIN_ADDRESSES) update({ adding: 'begin-too-many' });
        else {
          await send('relays/set-begin', { places: { ...places, addresses: [...places.addresses, text] } });
          update({ adding: 'added' });
        }
      } catch (error) {
        update({ adding: error instanceof MessageError ? error.code : 'internal' });
      }
    },
  };
}
