// What the page shows, from what it knows: pure. Views beside it draw it and decide nothing.

import { BEGIN_ADVICE } from '../../src/core/directory/begin-advice.ts';
import type { BeginErrorCode } from '../../src/core/directory/begin-error.ts';
import { MAX_BEGIN_ADDRESSES } from '../../src/core/directory/begin-places.ts';
import type { MessageErrorCode } from '../../src/messages/protocol.ts';
import { say, t } from '../../src/text/translate.ts';
import type { CameraProblem } from './camera.ts';
import type { PictureProblem } from './picture-file.ts';
import type { CodeReading } from './read-code.ts';
import { CAMERA, PICTURE } from './words.ts';

export type ScanState = {
  camera: 'off' | 'starting' | 'on' | CameraProblem;
  found: CodeReading | { is: 'looking' } | { is: 'no-code' } | { is: 'refused'; why: PictureProblem } | undefined;
  /** The address that was found; undefined before the person has agreed. */
  adding: 'busy' | 'added' | 'known' | MessageErrorCode | undefined;
};

export type ScanModel = {
  camera: { isSeen: boolean; label: string; action: 'start' | 'stop'; words: string };
  /** What was found, or what became of it: said aloud. */
  said: { tone: 'calm' | 'good' | 'bad'; sentences: string[]; code: string | undefined };
  /** The one click; undefined where there is nothing to agree to. */
  add: { label: string; isBusy: boolean } | undefined;
};

export function toScanModel({ camera, found, adding }: ScanState): ScanModel {
  const isOn = camera === 'starting' || camera === 'on';
  return {
    camera: {
      isSeen: camera === 'on',
      label: t(isOn ? 'scan_stop' : 'scan_start'),
      action: isOn ? 'stop' : 'start',
      words: t(CAMERA[camera]),
    },
    said: saidOf(found, adding),
    add:
      found?.is === 'address' && adding !== 'added' && adding !== 'known'
        ? { label: t('scan_add'), isBusy: adding === 'busy' }
        : undefined,
  };
}

function saidOf(found: ScanState['found'], adding: ScanState['adding']): ScanModel['said'] {
  switch (found?.is) {
    case undefined:
      return { tone: 'calm', sentences: [], code: undefined };
    case 'looking':
      return { tone: 'calm', sentences: [t('scan_looking')], code: undefined };
    case 'no-code':
      return { tone: 'bad', sentences: [t('scan_no_code')], code: undefined };
    case 'refused':
      return { tone: 'bad', sentences: [say(PICTURE[found.why])], code: undefined };
    case 'other':
      return { tone: 'bad', sentences: [t('scan_other'), BEGIN_ADVICE[found.why]], code: found.shown };
    case 'address': {
      const { address, port, text } = found;
      const sentences = [t('scan_relay', { address, port: String(port) })];
      if (adding === undefined || adding === 'busy') return { tone: 'good', sentences, code: text };
      if (adding === 'added') return { tone: 'good', sentences: [t('scan_added')], code: text };
      if (adding === 'known') return { tone: 'good', sentences: [t('scan_known')], code: text };
      return { tone: 'bad', sentences: [...sentences, refusal(adding)], code: text };
    }
  }
}

function refusal(error: MessageErrorCode): string {
  if (error === 'begin-too-many') return t('scan_too_many', { count: MAX_BEGIN_ADDRESSES });
  if (error === 'stale') return t('scan_stale');
  return error in BEGIN_ADVICE ? BEGIN_ADVICE[error as BeginErrorCode] : t('common_did_not_work');
}
