// The errors a person who starts the devnet can do something about. Each is one clear line; everything else is a bug and keeps its trace.

export type DevnetErrorCode =
  | 'port-in-use'
  | 'missing-browser'
  | 'build-failed'
  | 'relay-died'
  | 'relay-late'
  | 'browser-failed'
  | 'bad-flag'
  | 'walk-failed'
  | 'missing-foundry'
  | 'contracts-failed'
  | 'chain-died'
  | 'chain-refused';

export class DevnetError extends Error {
  override readonly name = 'DevnetError';
  readonly code: DevnetErrorCode;

  constructor(code: DevnetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The text of anything thrown, for one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a system error (`EADDRINUSE`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
