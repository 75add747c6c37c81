// How the devnet's programs start and end: clean up in reverse order, on Ctrl-C as on the last line; one clear line for an error that
// a person can do something about. What is not cleaned up in time is ended by the lifeline (guard.ts).

import { DevnetError } from './errors.ts';

export type Scope = {
  /** Called at the end, last one first. */
  defer: (cleanup: () => Promise<void> | void) => void;
  /** Resolves when the program is asked to end. */
  stopped: Promise<void>;
  /** Asks the program to end. */
  stop: () => void;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `body`, cleans up, and exits with the number that it returns; 1 for an error. A second Ctrl-C does not wait for the cleaning. */
export async function runProgram(name: string, body: (scope: Scope) => Promise<number>): Promise<never> {
  const cleanups: (() => Promise<void> | void)[] = [];
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  let asked = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      stop();
    });
  }
  const work = body({ defer: (cleanup) => cleanups.push(cleanup), stopped, stop }).catch((error: unknown) => {
    console.error(error instanceof DevnetError ? `${name}: ${error.message}` : error);
    return 1;
  });
  // A signal while things still start: what was deferred so far is cleaned up, the lifeline ends the rest.
  const code = await Promise.race([work, stopped.then(() => (asked ? 0 : work))]);
  for (const cleanup of cleanups.reverse()) {
    try {
      await cleanup();
    } catch (error) {
      console.error(`${name}: while ending: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  process.exit(code);
}
