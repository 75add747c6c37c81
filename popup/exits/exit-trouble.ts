// Why an exit that was chosen is not taken, in words.

import type { ExitErrorCode } from '../../src/core/circuit/exit-error.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import type { MessageErrorCode } from '../../src/messages/protocol.ts';
import { t } from '../../src/text/translate.ts';
import { wordsFor } from '../parts.tsx';

const KEYS: Readonly<Record<ExitErrorCode, MessageKey>> = {
  'exit-none': 'error_exit_none',
  'exit-wishes': 'error_exit_wishes',
  'exit-no-way': 'error_exit_no_way',
  'exit-unreachable': 'error_exit_unreachable',
  'exit-no-site': 'error_exit_no_site',
  'exit-full': 'error_exit_full',
};

export function exitTrouble(code: MessageErrorCode): string | undefined {
  return code in KEYS ? t(KEYS[code as ExitErrorCode]) : wordsFor(code);
}
