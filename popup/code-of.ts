// What went wrong with a message, as its code.

import { MessageError } from '../src/messages/message-error.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';

/** The browser itself rejects when no worker answers. */
export function codeOf(error: unknown): MessageErrorCode {
  return error instanceof MessageError ? error.code : 'internal';
}
