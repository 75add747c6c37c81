// Which TCP connections a process holds, as the kernel says: the tap that shows what a relay could have seen, whatever it logs.
// Linux only (proc(5)); asks nothing of the process itself.

import { readdir, readFile, readlink } from 'node:fs/promises';

export type Connection = { local: string; localPort: number; remote: string; remotePort: number };

/** State 01 of /proc/net/tcp (include/net/tcp_states.h, TCP_ESTABLISHED). */
const ESTABLISHED = '01';

/** The established IPv4 connections of `pid`. Empty for a process that is gone. */
export async function connectionsOf(pid: number): Promise<Connection[]> {
  const inodes = await socketInodes(pid);
  const table = await readFile('/proc/net/tcp', 'utf8');
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === ESTABLISHED && inodes.has(fields[9] ?? ''))
    .map(([, local = '', remote = '']) => {
      const [localAddress, localPort] = parseEndpoint(local);
      const [remoteAddress, remotePort] = parseEndpoint(remote);
      return { local: localAddress, localPort, remote: remoteAddress, remotePort };
    });
}

async function socketInodes(pid: number): Promise<Set<string>> {
  const inodes = new Set<string>();
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

/** `0101007F:1D13` -> 127.0.1.1 and 7443: the address is one little-endian word, the port is not. */
function parseEndpoint(text: string): [string, number] {
  const [address = '', port = ''] = text.split(':');
  const bytes = address.match(/../g) ?? [];
  return [
    bytes
      .reverse()
      .map((byte) => Number.parseInt(byte, 16))
      .join('.'),
    Number.parseInt(port, 16),
  ];
}
