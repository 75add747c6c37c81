// A page of 60 objects over 12 hosts, as made-up as it has to be: the sizes follow the weight of a median page (about 2.3 MB), in styles, scripts and pictures.
// `/page` is loaded to its load event; `/page?live` opens a WebSocket and plays a video beside it.

import { readFileSync } from 'node:fs';
import { PAGE_HOSTS, SITE } from '../peers/plan.ts';

export const PAGE_OBJECTS = 60;
const PAGE_STYLES = 6;
export const PAGE_SCRIPTS = 12;
/** Bytes; a few are large, most small. They sum to 2.3 MB over 60. */
const SIZES = [5_000, 12_000, 20_000, 35_000, 120_000] as const;
const VIDEO = readFileSync(new URL('../../devnet/sites/public/clip.webm', import.meta.url));

export type PagePart = { type: string; body: Buffer };

export function pagePart(url: URL): PagePart | undefined {
  if (url.pathname === '/blank') return { type: 'text/html', body: Buffer.from('<!doctype html><title>blank</title>') };
  if (url.pathname === '/page') return { type: 'text/html', body: Buffer.from(html(url.searchParams.has('live'))) };
  if (url.pathname === '/video') return { type: 'video/webm', body: VIDEO };
  const [, kind, number] = /^\/object\/(style|script|picture)\/(\d+)$/.exec(url.pathname) ?? [];
  const bytes = SIZES[Number(number) % SIZES.length];
  if (kind === undefined || bytes === undefined) return undefined;
  switch (kind) {
    case 'style':
      return { type: 'text/css', body: fill(`.x${number ?? ''}{color:red}`, bytes) };
    case 'script':
      return { type: 'text/javascript', body: fill(`window.scripts=(window.scripts??0)+1;`, bytes) };
    default: {
      // A picture of one pixel with a long comment would be decoded in no time as well; this is simpler and as long on the wire.
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><!--${'x'.repeat(bytes)}--></svg>`;
      return { type: 'image/svg+xml', body: Buffer.from(svg) };
    }
  }
}

function fill(start: string, bytes: number): Buffer {
  return Buffer.from(`${start}/*${'x'.repeat(Math.max(0, bytes - start.length - 4))}*/`);
}

/** The page itself stands on the first host and counts as its first object. */
function html(isLive: boolean): string {
  const urlOf = (index: number, kind: string): string =>
    `https://${PAGE_HOSTS[index % PAGE_HOSTS.length]?.host ?? ''}:${SITE.https}/object/${kind}/${index}`;
  const objects = Array.from({ length: PAGE_OBJECTS - 1 }, (_, index) => {
    if (index < PAGE_STYLES) return `<link rel="stylesheet" href="${urlOf(index, 'style')}">`;
    if (index < PAGE_STYLES + PAGE_SCRIPTS) return `<script defer src="${urlOf(index, 'script')}"></script>`;
    return `<img src="${urlOf(index, 'picture')}">`;
  });
  const live = `<script>
    const started = performance.now();
    window.live = {};
    const socket = new WebSocket('wss://${SITE.host}:${SITE.https}/socket');
    socket.onopen = () => socket.send('echo');
    socket.onmessage = () => { window.live.socket = performance.now() - started; };
  </script>
  <video muted autoplay src="https://${SITE.host}:${SITE.https}/video" oncanplay="window.live.video = performance.now() - started"></video>`;
  return `<!doctype html><html><head><meta charset="utf-8"><title>page</title></head><body>${objects.join('\n')}${isLive ? live : ''}</body></html>`;
}
