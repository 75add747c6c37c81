// What our page in the place of one that waits shows, from what the worker says: pure. Views beside it draw it and decide nothing.

import type { HeldView } from '../../src/core/state/held.ts';
import { t } from '../../src/text/translate.ts';
import type { MessageErrorCode, MessageType } from '../../src/messages/protocol.ts';

export type HeldAction = Extract<MessageType, `held/${string}`>;

export type HeldModel = {
  /** Something goes on by itself. */
  busy: boolean;
  headline: string;
  sentences: string[];
  /** What was protected. */
  safe: string | undefined;
  actions: { type: HeldAction; label: string }[];
};

/** What the page knows: the worker's last word, and what went wrong with the last click. */
export type HeldState = { view: HeldView | undefined; error: MessageErrorCode | undefined };

const SAFE = 'Nothing of this tab left your computer another way.';

const RETRY = { type: 'held/retry', label: 'Try again' } as const;
const ANOTHER_EXIT = { type: 'held/another-exit', label: 'Use another exit' } as const;
const END = { type: 'held/end-private', label: 'End private mode and open the page directly' } as const;

export function toHeldModel({ view, error }: HeldState): HeldModel {
  const model = modelOf(view);
  return error === undefined ? model : { ...model, sentences: [...model.sentences, errorWords(error)] };
}

function modelOf(view: HeldView | undefined): HeldModel {
  switch (view?.is) {
    case undefined:
    case 'go':
      return { busy: true, headline: 'One moment', sentences: [], safe: SAFE, actions: [] };
    case 'waiting':
      return {
        busy: true,
        headline: `${view.site} is waiting for a circuit`,
        sentences: ['Another circuit is being built. The page opens by itself as soon as it is there.'],
        safe: SAFE,
        actions: [],
      };
    case 'stuck':
      return {
        busy: false,
        headline: `${view.site} could not be opened privately`,
        sentences: [
          view.sentence,
          ...(view.advice === undefined ? [] : [view.advice]),
          'The page opens by itself as soon as there is a circuit.',
        ],
        safe: SAFE,
        actions: [RETRY, ANOTHER_EXIT, END],
      };
    case 'site-down':
      return {
        busy: false,
        headline: `The exit could not reach ${view.site}`,
        sentences: ['Your circuit works. The site may be down, its name may not exist, or it may refuse this exit.'],
        safe: SAFE,
        actions: [RETRY, ANOTHER_EXIT, END],
      };
    case 'never':
      return {
        busy: false,
        headline: t('held_never_headline', { site: view.site }),
        sentences: [t('held_never_sentence'), t('held_never_advice')],
        safe: t('held_never_safe'),
        actions: [
          { type: 'held/open-normal', label: t('held_never_open') },
          { type: 'held/private-once', label: t('held_never_once') },
        ],
      };
    case 'not-sent':
      return {
        busy: false,
        headline: `What you sent to ${view.site} may not have arrived`,
        sentences: [
          'The circuit failed on the way, and there is another one now. Go back to send it again, or open the page without sending anything.',
        ],
        safe: SAFE,
        actions: [{ ...RETRY, label: 'Open the page without sending' }],
      };
    case 'nothing':
      return {
        busy: false,
        headline: 'Nothing is waiting here any more',
        sentences: ['Which page this tab was waiting for is not kept. Go back, or enter its address again.'],
        safe: undefined,
        actions: [],
      };
  }
}

const ERROR_WORDS: Partial<Record<MessageErrorCode, string>> = {
  'no-other-exit': 'No other exit can be reached now.',
  'always-private': 'Everything in this window or container is private. Open the page in another window instead.',
  stale: 'The extension was updated. Go back, or enter the address again.',
};

function errorWords(error: MessageErrorCode): string {
  return ERROR_WORDS[error] ?? 'That did not work. Please try again.';
}
