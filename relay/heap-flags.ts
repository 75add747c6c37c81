// Tells V8 how a relay uses memory, which it cannot find out by itself: little of its own, and a stream of short-lived buffers outside of its
// heap. By default every 32 MB of buffers start a collection of the whole heap, about one for every 13 MB carried, and half of the
// relay's time goes there (docs/decisions/0005-heap-flags-of-the-relay.md). V8 takes these flags only at its start, so the program
// replaces itself once, in the same process. Called by relay/main.ts before anything else is loaded.

import { spawnSync } from 'node:child_process';

export const HEAP_FLAGS = [
  // Buffers count towards the heap's own limit, rather than towards one of their own that is reached all the time.
  '--external-memory-accounted-in-global-limit',
  // MB. The limit begins here instead of at a few; the buffers under way stay below it, and are freed by the quick collections.
  '--initial-old-space-size=128',
  // MB. Quick collections come often enough that dead buffers do not pile up.
  '--max-semi-space-size=8',
];

/**
 * Runs this very program again with the flags, unless it has them. Does not return when it does. Where V8 does not know a flag, or the
 * system cannot replace a process, the relay runs without: slower, and right.
 */
export function restartWithHeapFlags(): void {
  if (HEAP_FLAGS.every((flag) => process.execArgv.includes(flag))) return;
  const { execve } = process as { execve?: typeof process.execve };
  if (execve === undefined || process.platform === 'win32') return;
  const options = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).stdout;
  if (!knowsAll(options)) return;
  execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...HEAP_FLAGS, ...process.argv.slice(1)],
    process.env,
  );
}

/** @param options what `node --v8-options` prints, a line `  --name (text)` for each flag; a dash may stand for an underscore */
export function knowsAll(options: string): boolean {
  const names = new Set(Array.from(options.replaceAll('_', '-').matchAll(/^\s+(--[a-z0-9-]+)/gm), ([, name]) => name));
  return HEAP_FLAGS.every((flag) => names.has(flag.replace(/=.*/, '')));
}
