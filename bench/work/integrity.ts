// Whether every byte arrives, in a run of its own since hashing takes time: random bytes down and up, compared by SHA-256 at the other end.

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { randomPieces, randomSha256 } from '../site/content.ts';
import { curl } from './curl.ts';
import { SITE_URL } from './streams.ts';
import type { Work } from './work.ts';

export function integrity({ rounds, bytes }: { rounds: number; bytes: number }): Work {
  let wanted: string | undefined;
  let file: Promise<string> | undefined;
  return {
    name: 'integrity',
    metrics: [{ key: 'wrong', title: 'downloads and uploads lost or changed', unit: '', better: 'less', digits: 0 }],
    ...{ rounds, size: `${bytes / 1e6} MB each way, ${rounds} times, SHA-256` },
    run: async (peer, lab) => {
      wanted ??= randomSha256(bytes);
      file ??= randomFile(lab, bytes);
      const results = await Promise.allSettled([
        curl(peer, lab, { words: ['--proxytunnel', `${SITE_URL}/random?n=${bytes}`], read: 'hash' }),
        curl(peer, lab, { words: ['--proxytunnel', '--upload-file', await file, `${SITE_URL}/hashed`], read: 'text' }),
      ]);
      const [down, up] = results.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
      return { wrong: Number(down?.sha256 !== wanted) + Number(up?.text !== wanted) };
    },
  };
}

async function randomFile({ folder }: Lab, bytes: number): Promise<string> {
  const path = join(folder, `random-${bytes}`);
  const file = await open(path, 'w');
  for (const piece of randomPieces(bytes)) await file.write(piece);
  await file.close();
  return path;
}
