// An error as one line for the operator. Errors of this daemon say it themselves; the system's are put into words.

const IN_WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EADDRNOTAVAIL: 'is not an address of this machine',
  EACCES: 'may not be opened by this user',
};

export function oneLine(error: unknown): string {
  const system = findSystemError(error);
  if (system !== undefined) {
    const { address, port, code = '' } = system;
    const where = address === undefined ? '' : `${address}${port === undefined ? '' : `:${port}`} `;
    return `${where}${IN_WORDS[code] ?? system.message}`;
  }
  const text = error instanceof Error ? error.message : String(error);
  // libp2p quotes the errors of its listeners in the text of its own.
  const quoted = /listen (E[A-Z]+):.* (\S+:\d+)$/m.exec(text);
  const words = IN_WORDS[quoted?.[1] ?? ''];
  if (quoted !== null && words !== undefined) return `${quoted[2] ?? ''} ${words}`;
  return text.split('\n')[0] ?? text;
}

type SystemError = NodeJS.ErrnoException & { address?: string; port?: number };

function findSystemError(error: unknown): SystemError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (((error as SystemError).code ?? '') in IN_WORDS) return error;
  return findSystemError(error.cause);
}
