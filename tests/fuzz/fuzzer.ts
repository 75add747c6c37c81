// The fuzzer as a process of its own, so that its work is not done on the event loop of those who measure. Says where its entry is; is told on its input whom to fuzz, and then what to do, line by line; says what
// came of it. Each word is a line of JSON.

import { createInterface } from 'node:readline';
import { runHands, type Done, type Work } from './hands.ts';
import { startStrangers } from './strangers.ts';
import type { FuzzTarget } from './target.ts';

export type ToFuzzer = { is: 'target'; target: FuzzTarget } | ({ is: 'work' } & Work);
export type FromFuzzer =
  | { is: 'ready'; entry: string }
  | {
      is: 'done';
      done: Done[];
      /** Of its own, by name: libraries for clients meet what they were not made for. */ faults: Record<
        string,
        number
      >;
    };

const say = (words: FromFuzzer): void => void process.stdout.write(`${JSON.stringify(words)}\n`);

let faults: Record<string, number> = {};
const count = (error: unknown): void => {
  const name = error instanceof Error ? `${error.name}: ${error.message.slice(0, 100)}` : typeof error;
  faults[name] = (faults[name] ?? 0) + 1;
};
process.on('unhandledRejection', count);
process.on('uncaughtException', count);

let target: FuzzTarget | undefined;
const strangers = await startStrangers(() => target?.ca ?? '');
say({ is: 'ready', entry: strangers.address });
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as ToFuzzer;
  if (order.is === 'target') {
    ({ target } = order);
    continue;
  }
  if (target === undefined) throw new Error('whom?');
  const done = await runHands(order, target, strangers);
  say({ is: 'done', done, faults });
  faults = {};
}
process.exit(0);
