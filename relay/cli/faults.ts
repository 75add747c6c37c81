// What happens to errors that nobody caught. js-libp2p has had several that a remote peer could cause (js-libp2p issue 3512), and one of
// them must not end every tunnel of a relay. A message may quote anything, so only the kind and the place are logged.

import type { Logger } from 'pino';

/**
 * Rejections are logged and the relay goes on: the promise's own work has failed, and whoever waits for it has a timeout.
 * After an exception the state of the code it left is unknown: the process ends, and its supervisor starts another.
 */
export function logFaults(log: Logger): void {
  process.on('unhandledRejection', (reason) => log.error({ event: 'relay-fault', ...describe(reason) }));
  process.on('uncaughtException', (error) => {
    log.fatal({ event: 'relay-crashed', ...describe(error) });
    process.exit(1);
  });
}

function describe(error: unknown): { error: string; code?: string; at?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  const at = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return { error: error.name, ...(typeof code === 'string' && { code }), at: at.map((line) => line.trim()) };
}
