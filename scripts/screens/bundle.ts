// Builds the gallery of tests/screens/gallery with the rules of the extension's own build, unminified and into artifacts: nothing of it is shipped.

import { join } from 'node:path';
import webpack from 'webpack';
import extension from '../../webpack.config.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Folder with `gallery.js` and what it loads. Throws with webpack's words where it cannot be built. */
export async function buildGallery(): Promise<string> {
  const path = join(ROOT, 'artifacts', 'gallery');
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    webpack(
      {
        mode: 'development',
        devtool: false,
        target: ['web', 'es2023'],
        context: ROOT,
        entry: { gallery: './tests/screens/gallery/main.tsx' },
        output: { path, clean: true, publicPath: '/gallery/' },
        ...(extension.resolve && { resolve: extension.resolve }),
        ...(extension.module && { module: extension.module }),
        performance: { hints: false },
      },
      (error, done) => (error === null ? resolve(done) : reject(error)),
    );
  });
  if (stats === undefined || stats.hasErrors())
    throw new Error(stats?.toString({ preset: 'errors-only', colors: false }) ?? 'no gallery');
  return path;
}
