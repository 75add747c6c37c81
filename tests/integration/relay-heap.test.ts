// The relay replaces itself to give V8 its flags: the process stays the same one, and other flags of Node are kept.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { HEAP_FLAGS, knowsAll } from '../../relay/heap-flags.ts';

const MAIN = resolve(import.meta.dirname, '../../relay/main.ts');
/** Written at the end of the program by the process that ends, in the folder of the diagnostics. */
const REPORT = `import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(2, JSON.stringify({ pid: process.pid, flags: process.execArgv })));`;

test('runs with the heap flags, in the same process, beside the flags it was started with', async () => {
  const preload = `data:text/javascript,${encodeURIComponent(REPORT)}`;
  const relay = spawn(process.execPath, ['--import', preload, '--no-deprecation', MAIN, '--version']);
  let text = '';
  relay.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(relay, 'close');
  const { pid, flags } = JSON.parse(text) as { pid: number; flags: string[] };
  expect(pid).toBe(relay.pid);
  expect(flags).toEqual(expect.arrayContaining([...HEAP_FLAGS, '--no-deprecation']));
});

test('knows from what V8 prints whether it takes them all', () => {
  const options = HEAP_FLAGS.map((flag) => `  ${flag.replace(/=.*/, '')} (what it does)\n        type: bool\n`);
  expect(knowsAll(options.join(''))).toBe(true);
  expect(knowsAll(options.join('').replace('--initial-old-space', '--other-old-space'))).toBe(false);
  expect(knowsAll('')).toBe(false);
});
