// The relay daemon as an entry that says twice what it counts, from the moment on that a file `overclaim` lies beside its configuration. Run as a program:
// node overclaiming-entry.ts --config FILE. Tests alone start it.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { runCommandLine } from '../../relay/cli/run.ts';
import { createExitProxy } from '../../relay/exit/proxy.ts';
import { Account } from '../../relay/session/account.ts';

export const OVERCLAIM = 'overclaim';
const words = process.argv.slice(2);

if (import.meta.main) {
  const flag = join(dirname(words[words.indexOf('--config') + 1] ?? ''), OVERCLAIM);
  const proto: Pick<Account, 'pass'> = Account.prototype;
  const honest: unknown = Reflect.get(proto, 'pass');
  if (typeof honest !== 'function') throw new Error('accounts count in another way now');
  proto.pass = function (this: Account, direction, bytes): boolean {
    return Reflect.apply(honest, this, [direction, existsSync(flag) ? 2 * bytes : bytes]) as boolean;
  };
  process.exitCode = await runCommandLine(words, {
    createExitProxy,
    createCertificateSource: createFileCertificateSource,
  });
}
