// One bundle serves both browsers, and building it twice takes twice as long: what was built for Chrome, with Firefox's manifest, is Firefox's. A plugin of webpack.config.ts.

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compiler } from 'webpack';
import { firefoxManifest } from './manifests.ts';

export class FirefoxCopy {
  readonly #root: string;
  readonly #folder: string;

  /** @param root where `manifest.json` stands, as written. @param folder where Firefox's extension is put, in the place of what is there */
  constructor({ root, folder }: { root: string; folder: string }) {
    this.#root = root;
    this.#folder = folder;
  }

  apply(compiler: Compiler): void {
    compiler.hooks.afterEmit.tap('FirefoxCopy', () => {
      rmSync(this.#folder, { recursive: true, force: true });
      cpSync(compiler.outputPath, this.#folder, { recursive: true });
      const manifest = readFileSync(join(this.#root, 'manifest.json'), 'utf8');
      writeFileSync(join(this.#folder, 'manifest.json'), firefoxManifest(manifest));
    });
  }
}
