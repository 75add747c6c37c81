// Which packages go along: as Node would find them, and no others.

import { expect, test } from 'vitest';
import { lockedPackages } from '../../../scripts/pack/locked-packages.ts';

const packages = {
  '': { dependencies: { a: '1', unused: '1' } },
  'node_modules/unused': {},
  'node_modules/a': { dependencies: { b: '1', c: '1' }, optionalDependencies: { windows: '1' } },
  'node_modules/a/node_modules/b': { dependencies: { c: '2', '@s/d': '1' } },
  'node_modules/a/node_modules/b/node_modules/c': {},
  'node_modules/b': {},
  'node_modules/c': {
    peerDependencies: { e: '1', typescript: '1' },
    peerDependenciesMeta: { typescript: { optional: true } },
  },
  'node_modules/@s/d': { dependencies: { a: '1' } },
  'node_modules/e': {},
  'node_modules/typescript': {},
};

test('the nearest of a name, its own needs too, and nothing that nobody needs', () => {
  expect(lockedPackages({ packages }, ['a'])).toEqual([
    'node_modules/@s/d',
    'node_modules/a',
    'node_modules/a/node_modules/b',
    'node_modules/a/node_modules/b/node_modules/c',
    'node_modules/c',
    'node_modules/e',
  ]);
  expect(() => lockedPackages({ packages }, ['f'])).toThrow('f is in no lock file');
});
