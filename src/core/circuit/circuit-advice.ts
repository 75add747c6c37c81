// What the state of a tab is to a person, and one line of advice for each thing that can be wrong. Shown by the popup and the held page.

import type { BlockedReason, TabStatus } from '../state/tab-status.ts';
import { text, type MessageKey, type Text } from '../text/text.ts';

export type StatusWords = { headline: Text; sentence: Text; advice: Text | undefined };

export function statusWords(status: TabStatus): StatusWords {
  switch (status.is) {
    case 'off':
      return { headline: text('status_off'), sentence: text('status_off_means'), advice: undefined };
    case 'connecting':
      return { headline: text('status_connecting'), sentence: text('status_connecting_means'), advice: undefined };
    case 'private':
      return { headline: text('status_private'), sentence: text('status_private_means'), advice: undefined };
    case 'blocked':
      return { headline: text('status_blocked'), ...blockedWords(status.why, status.name) };
  }
}

type Blocked = readonly [sentence: MessageKey, advice: MessageKey];

const BLOCKED: Readonly<Record<BlockedReason, Blocked>> = {
  offline: ['status_offline', 'status_offline_advice'],
  'no-relays': ['status_no_relays', 'status_no_relays_advice'],
  'no-pair': ['status_no_pair', 'status_no_pair_advice'],
  'no-wish': ['status_no_wish', 'status_no_wish_advice'],
  'wishes-lost': ['status_wishes_lost', 'status_wishes_lost_advice'],
  'none-fresh': ['status_none_fresh', 'status_none_fresh_advice'],
  'entry-unreachable': ['status_entry_unreachable', 'status_entry_unreachable_advice'],
  'payment-needed': ['status_payment_needed', 'status_payment_needed_advice'],
  'entry-refused': ['status_entry_refused', 'status_entry_refused_advice'],
  'check-unreachable': ['status_check_unreachable', 'status_check_unreachable_advice'],
  'check-certificate': ['status_check_certificate', 'status_check_certificate_advice'],
  'check-entry': ['status_check_entry', 'status_check_entry_advice'],
  'check-refused': ['status_check_refused', 'status_check_refused_advice'],
  'too-slow': ['status_too_slow', 'status_too_slow_advice'],
  'other-extension': ['status_other_extension', 'status_other_extension_advice'],
  rival: ['status_rival', 'status_rival_advice'],
  managed: ['status_managed', 'status_managed_advice'],
  'user-proxy': ['status_user_proxy', 'status_user_proxy_advice'],
  forbidden: ['status_forbidden', 'status_forbidden_advice'],
  'privacy-setting': ['status_privacy_setting', 'status_privacy_setting_advice'],
  'steering-failed': ['status_steering_failed', 'status_steering_failed_advice'],
};

/** Where it is known which other extension it is. A name put in the place of "another extension" would read wrong in most languages. */
const NAMED: Readonly<Partial<Record<BlockedReason, Blocked>>> = {
  'other-extension': ['status_other_extension_named', 'status_other_extension_named_advice'],
  rival: ['status_rival_named', 'status_rival_named_advice'],
  'privacy-setting': ['status_privacy_setting_named', 'status_privacy_setting_named_advice'],
};

function blockedWords(why: BlockedReason, name: string | undefined): { sentence: Text; advice: Text } {
  const named = name === undefined ? undefined : NAMED[why];
  if (name === undefined || named === undefined) {
    const [sentence, advice] = BLOCKED[why];
    return { sentence: text(sentence), advice: text(advice) };
  }
  const [sentence, advice] = named;
  return { sentence: text(sentence, { name }), advice: text(advice, { name }) };
}
