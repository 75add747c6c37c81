// What our page in the place of one that waits shows, from what the worker says: pure. Views beside it draw it and decide nothing.

import type { HeldView } from '../../src/core/state/held.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import type { MessageErrorCode, MessageType } from '../../src/messages/protocol.ts';
import { say, t } from '../../src/text/translate.ts';

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

type Action = HeldModel['actions'][number];

export function toHeldModel({ view, error }: HeldState): HeldModel {
  const model = modelOf(view);
  return error === undefined ? model : { ...model, sentences: [...model.sentences, errorWords(error)] };
}

function modelOf(view: HeldView | undefined): HeldModel {
  const safe = t('held_safe');
  const another: Action = { type: 'held/another-exit', label: t('held_another_exit') };
  const end: Action = { type: 'held/end-private', label: t('held_end') };
  const actions = [{ type: 'held/retry', label: t('held_retry') } as const, another, end];
  switch (view?.is) {
    case undefined:
    case 'go':
      return { busy: true, headline: t('common_one_moment'), sentences: [], safe, actions: [] };
    case 'waiting':
      return {
        busy: true,
        headline: t('held_waiting', { site: view.site }),
        sentences: [t('held_waiting_means')],
        safe,
        actions: [],
      };
    case 'stuck':
      return {
        busy: false,
        headline: t('held_stuck', { site: view.site }),
        sentences: [
          say(view.sentence),
          ...(view.advice === undefined ? [] : [say(view.advice)]),
          t('held_stuck_means'),
        ],
        ...{ safe, actions },
      };
    case 'site-down':
      return {
        busy: false,
        headline: t('held_site_down', { site: view.site }),
        sentences: [t('held_site_down_means')],
        ...{ safe, actions },
      };
    case 'not-sent':
      return {
        busy: false,
        headline: t('held_not_sent', { site: view.site }),
        sentences: [t('held_not_sent_means')],
        safe,
        actions: [{ type: 'held/retry', label: t('held_open_unsent') }],
      };
    case 'nothing':
      return {
        busy: false,
        headline: t('held_nothing'),
        sentences: [t('held_nothing_means')],
        safe: undefined,
        actions: [],
      };
  }
}

const ERRORS: Partial<Record<MessageErrorCode, MessageKey>> = {
  'no-other-exit': 'held_error_no_other_exit',
  'always-private': 'held_error_always_private',
  stale: 'held_error_stale',
};

function errorWords(error: MessageErrorCode): string {
  return t(ERRORS[error] ?? 'common_did_not_work');
}
