// Why an exit that was chosen is not taken, in words.

import type { ExitErrorCode } from '../../src/core/circuit/exit-error.ts';
import type { MessageKey } from '../../src/core/text/text.ts';

export const EXIT_ADVICE: Readonly<Record<ExitErrorCode, MessageKey>> = {
  'exit-none': 'error_exit_none',
  'exit-wishes': 'error_exit_wishes',
  'exit-no-way': 'error_exit_no_way',
  'exit-unreachable': 'error_exit_unreachable',
  'exit-no-site': 'error_exit_no_site',
  'exit-full': 'error_exit_full',
};
