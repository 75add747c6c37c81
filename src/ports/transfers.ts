// Bytes through the browser's own network stack, and how long they took. Implemented by src/platform/transfers.ts.

/** The other side answered, and not with what was asked for. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number) {
    super(`the answer has status ${status}`);
    this.status = status;
  }
}

export interface Transfers {
  /**
   * Takes what is at the URL and keeps none of it. Resolves with the bytes that came and the ms from the first of them to the last, also where `until` ended it, if some came. Rejects
   * with `TransferError`, and on any failure of the network.
   */
  down(
    url: string,
    options: { until: AbortSignal; cancel: AbortSignal; onBytes: (bytes: number) => void },
  ): Promise<{ bytes: number; ms: number }>;
  /** Sends so many bytes. Resolves with the ms until they were answered. Rejects with `TransferError`, and on any failure of the network. */
  up(url: string, bytes: number, options: { signal: AbortSignal }): Promise<{ ms: number }>;
}
