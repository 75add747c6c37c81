// squid (Debian's squid-openssl) as an HTTPS proxy: TLS of the client ends there. One hop, and the second of haproxy.ts.

import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Lab } from '../lab.ts';
import { RESOLVER, SQUID } from './plan.ts';
import { TITLES, type Peer } from './peer.ts';
import { startProgram } from './program.ts';

const run = promisify(execFile);
/** Whom Debian's package makes for it. */
const USER = 'proxy';
const SHARED_MEMORY = '/dev/shm';

export async function startSquid({ folder, authority, lifeline }: Lab): Promise<Peer> {
  const own = join(folder, 'squid');
  await mkdir(own, { recursive: true });
  const { chain, key } = await authority.issue([{ type: 'dns', value: SQUID.host }]);
  const [certificateFile, keyFile, config] = [join(own, 'chain.pem'), join(own, 'key.pem'), join(own, 'squid.conf')];
  await writeFile(certificateFile, chain);
  await writeFile(keyFile, key);
  // It refuses to work as root, and its own user must come into the folder.
  await chmod(folder, 0o755);
  await run('chown', ['-R', USER, own]);
  const lines = [
    `https_port ${SQUID.address}:${SQUID.port} tls-cert=${certificateFile} tls-key=${keyFile}`,
    `tcp_outgoing_address ${SQUID.address}`,
    `dns_nameservers ${RESOLVER}`,
    ...[`cache_effective_user ${USER}`, 'http_access allow all', 'cache deny all'],
    ...['access_log none', `cache_log ${join(own, 'cache.log')}`, 'logfile_rotate 0', `coredump_dir ${own}`],
    ...[`pid_filename ${join(own, 'squid.pid')}`, 'pinger_enable off', 'shutdown_lifetime 0 seconds'],
    // Tunnels and half-open connections as in a proxy for many: no limit that this bench would meet.
    'max_filedescriptors 16384',
  ];
  await writeFile(config, lines.map((line) => `${line}\n`).join(''));
  // Its segments of shared memory have this name and would be in the way of another's.
  const service = `conetbench${process.pid}`;
  const listens = { address: SQUID.address, port: SQUID.port };
  const program = await startProgram({
    words: ['/usr/sbin/squid', '-N', '-f', config, '-n', service],
    ...{ lifeline, folder: own, listens },
  });
  return {
    name: 'squid',
    title: TITLES.squid,
    proxy: { kind: 'https', address: SQUID.address, port: SQUID.port, host: SQUID.host },
    processes: [{ name: 'squid', pid: program.pid }],
    close: async () => {
      await program.stop();
      const left = (await readdir(SHARED_MEMORY)).filter((name) => name.startsWith(`${service}-`));
      await Promise.all(left.map((name) => rm(join(SHARED_MEMORY, name))));
    },
  };
}
