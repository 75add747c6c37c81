// Which sockets of a process are open for strangers, as the kernel has it: read from /proc, so that a test depends on no tool.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** State 0A of /proc/net/tcp (include/net/tcp_states.h). */
const LISTEN = '0A';

/** Local addresses in hexadecimal, with ports, of the TCP sockets that this process listens on, and of its UDP sockets: any of these takes what comes. */
export function openPorts(pid: number): string[] {
  const own = inodesOf(pid);
  const table = (name: string): string[][] =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => own.has(fields[9] ?? ''));
  const tcp = ['tcp', 'tcp6'].flatMap(table).filter((fields) => fields[3] === LISTEN);
  return [...tcp, ...['udp', 'udp6'].flatMap(table)].map((fields) => fields[1] ?? '');
}

function inodesOf(pid: number): Set<string> {
  const inodes = new Set<string>();
  for (const each of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${each}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed since the folder was read.
    }
  }
  return inodes;
}
