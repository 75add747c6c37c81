#!/usr/bin/env node
// The program `conet-relay`: gives the command line the parts of the daemon that are built elsewhere. No logic here.

import { restartWithHeapFlags } from './heap-flags.ts';

restartWithHeapFlags();

const { createFileCertificateSource } = await import('./certificates/file-source.ts');
const { runCommandLine } = await import('./cli/run.ts');
const { createExitProxy } = await import('./exit/proxy.ts');

process.exitCode = await runCommandLine(process.argv.slice(2), {
  createCertificateSource: createFileCertificateSource,
  createExitProxy,
});
