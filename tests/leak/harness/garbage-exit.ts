// The relay daemon as an exit, with garbage.ts in the place of its proxy. Run as a program: node garbage-exit.ts --config FILE.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileCertificateSource } from '../../../relay/certificates/file-source.ts';
import { runCommandLine } from '../../../relay/cli/run.ts';
import type { ExitProxy } from '../../../relay/exit/exit-proxy.ts';
import { createGarbageServer } from './garbage.ts';

async function createGarbageProxy(): Promise<ExitProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-garbage-'));
  const path = join(folder, 'proxy.sock');
  const server = createGarbageServer();
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    pathFrom: () => path,
    close: async () => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  createExitProxy: createGarbageProxy,
  createCertificateSource: createFileCertificateSource,
});
