// Builds the laboratory's extension for one browser: the real steering in a background of its own.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import webpack from 'webpack';
import { CONTROL_PAGE } from '../../devnet/browsers/extension-copy.ts';
import type { BrowserName } from '../../devnet/browsers/driven-browser.ts';

const root = join(import.meta.dirname, '../..');

const SHARED = {
  manifest_version: 3,
  name: 'steering laboratory',
  version: '1.0',
  permissions: ['proxy', 'privacy', 'declarativeNetRequest', 'storage', 'tabs', 'management'],
  host_permissions: ['<all_urls>'],
  // The browsers' drivers look for it.
  action: { default_popup: CONTROL_PAGE },
  content_security_policy: { extension_pages: "script-src 'self'; object-src 'none'" },
};

const PER_BROWSER = {
  chromium: { background: { service_worker: 'worker.js' } },
  firefox: {
    background: { scripts: ['worker.js'] },
    browser_specific_settings: { gecko: { id: 'steering-laboratory@conet.network' } },
  },
};

export async function buildLabExtension(name: BrowserName, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...SHARED, ...PER_BROWSER[name] }));
  await writeFile(join(folder, CONTROL_PAGE), '<!doctype html><title>control</title>\n');
  const compiler = webpack({
    mode: 'development',
    devtool: false,
    target: ['webworker', 'es2023'],
    context: root,
    entry: join(root, 'tests/support/steering-lab-worker.ts'),
    output: { path: folder, filename: 'worker.js' },
    module: {
      rules: [
        {
          test: /\.ts$/,
          loader: 'ts-loader',
          options: {
            transpileOnly: true,
            configFile: join(root, 'tsconfig.json'),
            compilerOptions: { noEmit: false, allowImportingTsExtensions: false },
          },
        },
      ],
    },
  });
  await new Promise<void>((resolve, reject) => {
    compiler.run((error, stats) => {
      if (error) reject(error);
      else if (stats?.hasErrors() === true) reject(new Error(stats.toString('errors-only')));
      else compiler.close(() => resolve());
    });
  });
  return folder;
}
