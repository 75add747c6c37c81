// The relay daemon as an entry that leads every tunnel to another exit than the one that is meant: one of those whose labels stand in a file `mislead` beside its configuration. Run as a program:
// node misleading-entry.ts --config FILE. Tests alone start it.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { runCommandLine } from '../../relay/cli/run.ts';
import { Exits } from '../../relay/entry/exits.ts';
import { createExitProxy } from '../../relay/exit/proxy.ts';

export const MISLEAD = 'mislead';
const words = process.argv.slice(2);

if (import.meta.main) {
  const flag = join(dirname(words[words.indexOf('--config') + 1] ?? ''), MISLEAD);
  const proto: Pick<Exits, 'find'> = Exits.prototype;
  const honest: unknown = Reflect.get(proto, 'find');
  if (typeof honest !== 'function') throw new Error('exits are found in another way now');
  proto.find = function (this: Exits, label) {
    const others = existsSync(flag) ? readFileSync(flag, 'utf8').trim().split('\n') : [];
    const wanted = others.find((other) => other !== label) ?? label;
    return Reflect.apply(honest, this, [wanted]) as ReturnType<Exits['find']>;
  };
  process.exitCode = await runCommandLine(words, {
    createExitProxy,
    createCertificateSource: createFileCertificateSource,
  });
}
