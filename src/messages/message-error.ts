// A message that was refused, at either end. Apart from the codes, so that what a page loads stays small.

import type { MessageErrorCode } from './error-codes.ts';

export class MessageError extends Error {
  override readonly name = 'MessageError';
  readonly code: MessageErrorCode;

  constructor(code: MessageErrorCode, options?: ErrorOptions) {
    super(`the message was refused: ${code}`, options);
    this.code = code;
  }
}
