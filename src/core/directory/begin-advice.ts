// What can be wrong with a place to begin, as messages: those of the popup, where it is typed, and of the page that scans it.

import type { MessageKey } from '../text/text.ts';
import type { BeginErrorCode } from './begin-error.ts';

export const BEGIN_ADVICE: Readonly<Record<BeginErrorCode, MessageKey>> = {
  'begin-too-long': 'error_begin_too_long',
  'begin-not-an-address': 'error_begin_not_an_address',
  'begin-no-wss': 'error_begin_no_wss',
  'begin-not-own-name': 'error_begin_not_own_name',
  'begin-wrong-peer': 'error_begin_wrong_peer',
  'begin-private-network': 'error_begin_private_network',
  'begin-not-a-name': 'error_begin_not_a_name',
  'begin-not-a-resolver': 'error_begin_not_a_resolver',
  'begin-no-resolver': 'error_begin_no_resolver',
  'begin-too-many': 'error_begin_too_many',
  'begin-unreachable': 'error_begin_unreachable',
  'begin-bad-answer': 'error_begin_bad_answer',
  'begin-no-records': 'error_begin_no_records',
};
