// haproxy in TCP mode before squid: two hops in C, the first of which copies bytes as our entry does, and nothing is encrypted between the two.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { HAPROXY, SQUID } from './plan.ts';
import { TITLES, type Peer } from './peer.ts';
import { startProgram } from './program.ts';

/** @param squid what it leads to */
export async function startHaproxy({ folder, lifeline }: Lab, squid: Peer): Promise<Peer> {
  const own = join(folder, 'haproxy');
  await mkdir(own, { recursive: true });
  const config = join(own, 'haproxy.cfg');
  const lines = [
    ...['global', '  maxconn 4096'],
    ...['defaults', '  mode tcp', '  timeout connect 10s', '  timeout client 300s', '  timeout server 300s'],
    ...['frontend first', `  bind ${HAPROXY.address}:${HAPROXY.port}`, '  default_backend second'],
    ...['backend second', `  source ${HAPROXY.address}`, `  server squid ${SQUID.address}:${SQUID.port}`],
  ];
  await writeFile(config, lines.map((line) => `${line}\n`).join(''));
  const program = await startProgram({
    words: ['/usr/sbin/haproxy', '-db', '-f', config],
    ...{ lifeline, folder: own, listens: HAPROXY },
  });
  return {
    name: 'haproxy-squid',
    title: TITLES['haproxy-squid'],
    proxy: { kind: 'https', address: HAPROXY.address, port: HAPROXY.port, host: SQUID.host },
    processes: [{ name: 'haproxy', pid: program.pid }, ...squid.processes],
    close: program.stop,
  };
}
