// What the processes of a peer took while something was measured (proc(5)).

import { readFile, writeFile } from 'node:fs/promises';
import type { PeerProcess } from './peers/peer.ts';

/** USER_HZ, which Linux keeps at 100 for programs whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

export type Usage = {
  name: string;
  /** Seconds of a core, user and system. */
  cpuSeconds: number;
  /** The largest resident set since the measurement began, MiB. */
  peakMiB: number;
};

/** Runs `work` and says what each process took meanwhile. */
export async function withUsage<T>(
  processes: readonly PeerProcess[],
  work: () => Promise<T>,
): Promise<{ result: T; usage: Usage[] }> {
  // 5 sets the peak back to what is resident now.
  await Promise.all(processes.map(({ pid }) => writeFile(`/proc/${pid}/clear_refs`, '5')));
  const before = await Promise.all(processes.map(({ pid }) => cpuSeconds(pid)));
  const result = await work();
  const usage = await Promise.all(
    processes.map(async ({ name, pid }, index) => ({
      name,
      cpuSeconds: (await cpuSeconds(pid)) - (before[index] ?? 0),
      peakMiB: await peakMiB(pid),
    })),
  );
  return { result, usage };
}

async function cpuSeconds(pid: number): Promise<number> {
  return parseCpuSeconds(await readFile(`/proc/${pid}/stat`, 'utf8'));
}

/** utime and stime, fields 14 and 15; the name in field 2 may hold spaces and brackets. */
export function parseCpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function peakMiB(pid: number): Promise<number> {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? Number.NaN) / 1024;
}
