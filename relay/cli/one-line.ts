// An error as one line for the operator. Errors of this daemon say it themselves; the system's are put into words.

import { IN_WORDS, ListenError } from '../net/listen-error.ts';

export function oneLine(error: unknown): string {
  if (error instanceof ListenError) return error.message;
  const system = findSystemError(error);
  if (system !== undefined) {
    const { address, port, code = '' } = system;
    const where = address === undefined ? '' : `${address}${port === undefined ? '' : `:${port}`} `;
    return `${where}${IN_WORDS[code] ?? system.message}`;
  }
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}

type SystemError = NodeJS.ErrnoException & { address?: string; port?: number };

function findSystemError(error: unknown): SystemError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (((error as SystemError).code ?? '') in IN_WORDS) return error;
  return findSystemError(error.cause);
}
