// Which files a reviewer needs to build the packages again: those of the repository, or of what was unpacked from its source zip.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What a build or an installation makes; those of .gitignore. */
const MADE = new Set(['node_modules', 'dist', 'artifacts', '.devnet', '.git']);

/** Paths from `root`. Where there is a repository those that it tracks or would; not what it ignores. */
export function sourceFiles(root: string): string[] {
  if (existsSync(join(root, '.git'))) {
    return execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    })
      .split('\0')
      .filter((name) => name !== '' && existsSync(join(root, name)));
  }
  return below(root, root);
}

function below(folder: string, root: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (MADE.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? below(path, root) : [relative(root, path)];
  });
}
