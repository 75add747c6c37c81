// The fuzzer's process as its parent has it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FromFuzzer, ToFuzzer } from './fuzzer.ts';
import type { Work } from './hands.ts';
import type { FuzzTarget } from './target.ts';

type Result = Extract<FromFuzzer, { is: 'done' }>;

export type FuzzerProcess = {
  /** Multiaddr of the entry that it has for exits. */
  entry: string;
  aim(target: FuzzTarget): void;
  /** Rejects where it has died, which is its own fault and no relay's. */
  work(work: Work): Promise<Result>;
  stop(): Promise<void>;
};

export async function startFuzzer(): Promise<FuzzerProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fuzzer.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const words = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<FromFuzzer> => {
    const { done, value } = await words.next();
    if (done === true) throw new Error('the fuzzer has ended');
    return JSON.parse(value) as FromFuzzer;
  };
  const tell = (order: ToFuzzer): void => void child.stdin.write(`${JSON.stringify(order)}\n`);
  child.stdin.on('error', () => undefined);
  const ready = await next();
  if (ready.is !== 'ready') throw new Error('the fuzzer is not ready');
  return {
    entry: ready.entry,
    aim: (target) => tell({ is: 'target', target }),
    work: async (work) => {
      tell({ is: 'work', ...work });
      const result = await next();
      if (result.is !== 'done') throw new Error('the fuzzer has said something else');
      return result;
    },
    stop: async () => {
      // By its own pid, and nothing of it is wanted any more.
      child.kill('SIGKILL');
      await ended;
    },
  };
}
