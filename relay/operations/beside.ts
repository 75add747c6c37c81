// A relay that starts while another one of the same key and configuration runs on this machine, to take over from it: what only one of them can have (the status socket, ports of the operator's own
// servers) it takes when the other one has ended (docs/decisions/0057-an-exit-beside-itself.md). Used by relay/relay.ts.

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { ListenError } from '../net/listen-error.ts';
import { askStatus } from '../status/ask-status.ts';

/** It is on this machine, and answers at once or is none. */
const ASK_MS = 2000;
/** Nobody waits for it but a monitor. */
const RETRY_MS = 1000;

type Closable = { close(): Promise<void> | void };

/** Whether the relay of this name runs already. @param path of the status socket */
export async function runsAlready(path: string, label: PeerLabel): Promise<boolean> {
  return askStatus(path, ASK_MS).then(
    ({ peer }) => peer === label,
    () => false,
  );
}

/**
 * Opens it, now or when the other relay has let go of it. Throws what `open` throws, but for an address that is in use; where `beside` is false, that too.
 * @param open undefined: not yet
 */
export async function openWhenFree(
  open: () => Promise<Closable | undefined>,
  { beside, what, log }: { beside: boolean; what: string; log: Logger },
): Promise<Closable> {
  const attempt = async (): Promise<Closable | undefined> => {
    try {
      return await open();
    } catch (error) {
      if (beside && error instanceof ListenError && error.code === 'EADDRINUSE') return undefined;
      throw error;
    }
  };
  const opened = await attempt();
  if (opened !== undefined) return opened;
  log.warn({ event: 'waits-for-another', what }, 'another relay of this name has it');
  const stop = new AbortController();
  const later = (async () => {
    for (;;) {
      // Nothing else waits for this: the process may end meanwhile.
      await delay(RETRY_MS, undefined, { signal: stop.signal, ref: false });
      const found = await attempt();
      if (found !== undefined) return found;
    }
  })().catch(() => undefined);
  return {
    close: async () => {
      stop.abort();
      await (await later)?.close();
    },
  };
}
