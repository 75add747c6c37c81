#!/usr/bin/env node
// The program `conet-relay`: gives the command line the parts of the daemon that are built elsewhere. No logic here.

import { createFileCertificateSource } from './certificates/file-source.ts';
import { runCommandLine } from './cli/run.ts';
import { createExitProxy } from './exit/proxy.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  createCertificateSource: createFileCertificateSource,
  createExitProxy,
});
