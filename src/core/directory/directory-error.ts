// What is wrong with a relay's entry in the directory. The text never quotes it: it comes from anyone.

export type DirectoryErrorCode =
  /** Longer than any entry may be. */
  | 'too-large'
  /** No message of docs/protocol/directory.md, or a value outside of what that page says. */
  | 'malformed'
  /** An answer that ends in the middle: whoever gave it is gone, or gives no more. */
  | 'unfinished'
  /** For another chain than the reader's. */
  | 'wrong-network'
  /** The peer's key or the payee's did not sign it. */
  | 'bad-signature'
  | 'not-valid-yet'
  | 'expired';

export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
