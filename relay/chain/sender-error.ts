// Why the relay does not send a transaction now, though the chain would take it. The text is for the operator.

export type SenderErrorCode =
  /** Gas costs more than the rules allow: it is tried again by itself. */
  | 'gas-too-dear'
  /** The payment key's account has not enough ETH for gas. */
  | 'gas-empty'
  /** The server knows fewer transactions of this account than the ledger: it is behind, or its chain began anew. */
  | 'server-behind';

export class SenderError extends Error {
  override readonly name = 'SenderError';
  readonly code: SenderErrorCode;

  constructor(code: SenderErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
