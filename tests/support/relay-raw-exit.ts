// The daemon with another end behind the exit: the raw byte server of raw-proxy.ts in the place of the HTTP proxy. Everything before it is
// the real thing, so tests can follow every byte of a tunnel. Run as a program: node tests/support/relay-raw-exit.ts --config FILE.

import { runCommandLine } from '../../relay/cli/run.ts';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { createRawProxy } from './raw-proxy.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  createExitProxy: () => createRawProxy(),
  createCertificateSource: createFileCertificateSource,
});
