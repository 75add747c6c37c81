// Gives the gallery's browser its files, on loopback and as the extension has them: its documents with the script of the gallery in the place of their own,
// and under its own content security policy, since what that forbids is in no picture either.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const TYPES: Record<string, string> = {
  ...{ '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json' },
  ...{ '.png': 'image/png' },
};

/** @param bundle folder of `gallery.js` */
export async function serveGallery(bundle: string): Promise<{ origin: string; close: () => void }> {
  const policy = await contentSecurityPolicy();
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://gallery').pathname);
    const file = fileOf(path, bundle);
    const isDocument = extname(path) === '.html';
    const type = TYPES[extname(path)] ?? 'text/plain';
    (file === undefined ? Promise.reject(new Error('no such file')) : readFile(file)).then(
      (body) => {
        // Kept for this run, with the code that was made of it: a browser that starts anew knows nothing of it.
        const cached = { 'content-type': type, 'cache-control': 'max-age=600' };
        response.writeHead(200, isDocument ? { 'content-type': type, 'content-security-policy': policy } : cached);
        response.end(isDocument ? withGallery(body.toString()) : body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}

/** Where webpack.config.ts copies from; undefined for all else. */
function fileOf(path: string, bundle: string): string | undefined {
  if (path.startsWith('/gallery/')) return join(bundle, path.slice('/gallery/'.length));
  if (path.startsWith('/looks/')) return join(ROOT, 'src', path);
  // A browser asks a server for it, and an extension for none.
  if (path === '/favicon.ico') return join(ROOT, 'popup/icons/off-32.png');
  if (path.startsWith('/icons/')) return join(ROOT, 'popup', path);
  return /^\/(?:popup|pages|_locales|tests\/screens\/gallery)\//.test(path) ? join(ROOT, path) : undefined;
}

/** The document as it ships, but for its script. */
function withGallery(html: string): string {
  const changed = html.replace(/(<script defer src=")[^"]+(">)/, '$1/gallery/gallery.js$2');
  if (changed === html) throw new Error('the document has no script in whose place the gallery could stand');
  return changed;
}

async function contentSecurityPolicy(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(ROOT, 'manifest.json'), 'utf8')) as {
    content_security_policy: { extension_pages: string };
  };
  return manifest.content_security_policy.extension_pages;
}
