// Which of this repository's installed packages some of them need, all the way down, by its lock file. Used by scripts/pack-relay.ts.

export type LockedPackage = {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
};
/** By path, `node_modules/a/node_modules/b`. */
export type Lock = { packages: Record<string, LockedPackage> };

/** Paths. Throws for a name that is not locked. */
export function lockedPackages(lock: Lock, names: readonly string[]): string[] {
  const paths = new Set<string>();
  const visit = (path: string): void => {
    if (paths.has(path)) return;
    paths.add(path);
    const {
      dependencies,
      optionalDependencies,
      peerDependencies = {},
      peerDependenciesMeta,
    } = lock.packages[path] ?? {};
    const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      // Optional ones of other systems stand in no lock.
      const at = whereFrom(lock, path, name);
      if (at !== undefined) visit(at);
    }
  };
  for (const name of names) {
    const at = whereFrom(lock, '', name);
    if (at === undefined) throw new Error(`${name} is in no lock file`);
    visit(at);
  }
  return [...paths].toSorted();
}

/** As Node looks: in the folder of whoever asks, and then further up. */
function whereFrom(lock: Lock, from: string, name: string): string | undefined {
  const here = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (here in lock.packages) return here;
  return from === ''
    ? undefined
    : whereFrom(lock, from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), name);
}
