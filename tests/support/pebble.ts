// Debian's pebble, an ACME server for tests: it looks for challenges in the name server that it is told of. And pebble-challtestsrv, a name server whose TXT records a test sets.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpsClient } from '../../relay/certificates/https-request.ts';
import type { TestCa } from './certificates.ts';
import { freePort, startProgram } from './program.ts';

export type Pebble = {
  host: string;
  port: number;
  /** PEM of the root that it issues under, made anew at every start. */
  root(client: HttpsClient): Promise<string>;
  stop(): Promise<void>;
};

/** Of its own server. */
export const PEBBLE_NAME = 'pebble.test';

/** @param dns `address:port` of the name server that it asks */
export async function startPebble({ host, dns, ca }: { host: string; dns: string; ca: TestCa }): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), 'conet-pebble-'));
  const leaf = await ca.issue({ names: [PEBBLE_NAME, 'localhost'] });
  const paths = { certificate: join(folder, 'chain.pem'), privateKey: join(folder, 'key.pem') };
  await writeFile(paths.certificate, leaf.chain);
  await writeFile(paths.privateKey, leaf.key, { mode: 0o600 });
  const [port, management] = [await freePort(host), await freePort(host)];
  const config = {
    ...paths,
    listenAddress: `${host}:${port}`,
    managementListenAddress: `${host}:${management}`,
    httpPort: 1,
    tlsPort: 1,
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ pebble: config }));
  const program = await startProgram(
    'pebble',
    ['-config', join(folder, 'config.json'), '-dnsserver', dns],
    /ACME directory available/,
    // It waits up to 15 s before it looks, and takes every second authorization for one that it gave before.
    { PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0' },
  );
  return {
    host,
    port,
    root: async (client) => {
      const url = new URL(`https://${PEBBLE_NAME}:${management}/roots/0`);
      return (await client.request(url, { method: 'GET', signal: AbortSignal.timeout(10_000) })).body;
    },
    stop: async () => {
      await program.stop();
      await rm(folder, { recursive: true });
    },
  };
}

export type ChallengeServer = { dns: string; set(name: string, value: string): Promise<void>; stop(): Promise<void> };

export async function startChallengeServer(host: string): Promise<ChallengeServer> {
  const [dns, management] = [`${host}:${await freePort(host)}`, `${host}:${await freePort(host)}`];
  const off = ['http01', 'https01', 'tlsalpn01'].flatMap((name) => [`-${name}`, '']);
  const words = ['-dns01', dns, '-management', management, ...off];
  const program = await startProgram('pebble-challtestsrv', words, /Starting management server/);
  return {
    dns,
    set: async (name, value) => {
      await fetch(`http://${management}/set-txt`, {
        method: 'POST',
        body: JSON.stringify({ host: `${name}.`, value }),
      });
    },
    stop: () => program.stop(),
  };
}
