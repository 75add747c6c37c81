// What is built, and how the one manifest becomes two: entries and named manifest transforms, no logic.
// One bundle serves both browsers; only the manifest differs. Called by scripts/build/build.ts, or by webpack itself.

import path from 'node:path';
import CopyPlugin from 'copy-webpack-plugin';
import type { Configuration } from 'webpack';
import { FirefoxCopy } from './scripts/build/firefox-copy.ts';
import { helpPage } from './scripts/build/help-page.ts';
import { chromeManifest } from './scripts/build/manifests.ts';

const root = import.meta.dirname;

const extension: Configuration = {
  name: 'chrome',
  mode: 'production',
  // No eval anywhere: the content security policy of extension pages forbids it, and so do both stores.
  devtool: false,
  // Not `web`: a worker has no `document`, and chunks that load on demand would need importScripts.
  target: ['webworker', 'es2023'],
  context: root,
  entry: {
    worker: './background/main.ts',
    // A document, which may load a script later: the wallet's views are a file of their own (popup/load-screens.ts).
    'popup/popup': { import: './popup/main.tsx', chunkLoading: 'jsonp' },
    'pages/check/check': './pages/check/main.tsx',
    'pages/scan/scan': './pages/scan/main.tsx',
    'content/gpc-early': './content/gpc-early.ts',
    'content/gpc-late': './content/gpc-late.ts',
    'content/peers-early': './content/peers-early.ts',
    'content/peers-late': './content/peers-late.ts',
    'content/mark': './content/mark.ts',
    'content/unmark': './content/unmark.ts',
    'pages/held/held': './pages/held/main.tsx',
  },
  output: { path: path.join(root, 'dist/chrome'), clean: true },
  resolve: { extensions: ['.ts', '.tsx', '.mjs', '.js'], conditionNames: ['browser', 'import', 'module', 'default'] },
  module: {
    // What is imported on demand stays in the same file, and runs when it is first asked for: a service worker may load no script later.
    parser: { javascript: { dynamicImportMode: 'eager' } },
    rules: [
      {
        test: /\.tsx?$/,
        loader: 'ts-loader',
        // Types are checked by `npm run check:types`, once for the whole repository.
        options: {
          transpileOnly: true,
          configFile: path.join(root, 'tsconfig.json'),
          compilerOptions: { noEmit: false, allowImportingTsExtensions: false, sourceMap: false },
        },
      },
    ],
  },
  optimization: {
    // Deterministic for the same sources on any machine: a reviewer rebuilds it and compares.
    moduleIds: 'deterministic',
    chunkIds: 'deterministic',
  },
  performance: { hints: false },
  plugins: [
    new CopyPlugin({
      patterns: [
        { from: 'manifest.json', transform: (text) => chromeManifest(text.toString()) },
        { from: '_locales', to: '_locales/' },
        { from: 'src/looks/*.css', to: 'looks/[name][ext]' },
        { from: 'popup/index.html', to: 'popup/' },
        { from: 'popup/options.html', to: 'popup/' },
        { from: 'popup/styles.css', to: 'popup/' },
        { from: 'popup/options.css', to: 'popup/' },
        { from: 'popup/screens.css', to: 'popup/' },
        { from: 'pages/page.css', to: 'pages/' },
        { from: 'pages/check/index.html', to: 'pages/check/' },
        { from: 'pages/check/styles.css', to: 'pages/check/' },
        { from: 'pages/scan/index.html', to: 'pages/scan/' },
        { from: 'pages/scan/styles.css', to: 'pages/scan/' },
        {
          from: 'docs/user/*.md',
          to: 'pages/help/[name].html',
          transform: (text: Buffer) => helpPage(text.toString()),
        },
        { from: 'pages/help/help.css', to: 'pages/help/' },
        { from: 'pages/held/index.html', to: 'pages/held/' },
        { from: 'pages/held/styles.css', to: 'pages/held/' },
        { from: 'popup/icons', to: 'icons/' },
        { from: 'background/relays.json', to: '' },
        { from: 'LICENSE', to: '' },
      ],
    }),
    new FirefoxCopy({ root, folder: path.join(root, 'dist/firefox') }),
  ],
};

export default extension;
