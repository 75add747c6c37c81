// Everything that a document loads by itself, by kind of request.

import type { Vector } from './vector.ts';

export const SUBRESOURCES: readonly Vector[] = [
  { name: 'image', page: `new Image().src = url('/a.svg')` },
  { name: 'image srcset', page: `add('img', { srcset: url('/a.svg') + ' 1x' })` },
  { name: 'svg image', page: `add('div', { innerHTML: '<svg><image href="' + url('/a.svg') + '"/></svg>' })` },
  { name: 'input image', page: `add('input', { type: 'image', src: url('/a.svg') })` },
  { name: 'video poster', page: `add('video', { poster: url('/a.svg') })` },
  { name: 'style sheet', page: `head('link', { rel: 'stylesheet', href: url('/a.css') })` },
  { name: 'style sheet import', page: `head('style', { textContent: '@import url(' + url('/a.css') + ')' })` },
  {
    name: 'style background',
    page: `add('div', { style: 'width: 9px; height: 9px; background: url(' + url('/a.svg') + ')' })`,
  },
  { name: 'script', page: `head('script', { src: url('/a.js') })` },
  { name: 'module script', page: `head('script', { type: 'module', src: url('/a.js') })` },
  { name: 'dynamic import', page: `import(url('/a.js')).catch(() => 0)` },
  { name: 'font', page: `new FontFace('leak', 'url(' + url('/a.woff2') + ')').load().catch(() => 0)` },
  { name: 'video', page: `add('video', { src: url('/clip.webm'), preload: 'auto' })` },
  { name: 'audio', page: `add('audio', { src: url('/clip.webm'), preload: 'auto' })` },
  {
    name: 'text track',
    page: `
      const video = add('video', { crossOrigin: 'anonymous', src: '/clip.webm' });
      const track = document.createElement('track');
      Object.assign(track, { default: true, kind: 'subtitles', src: url('/track.vtt') });
      video.append(track);
      track.track.mode = 'showing'`,
  },
  { name: 'object', page: `add('object', { type: 'text/html', data: url('/') })` },
  { name: 'embed', page: `add('embed', { type: 'text/html', src: url('/') })` },
  { name: 'fetch', page: `fetch(url('/f'), { mode: 'no-cors' }).catch(() => 0)` },
  { name: 'fetch with preflight', page: `fetch(url('/f'), { headers: { 'x-leak': '1' } }).catch(() => 0)` },
  { name: 'fetch keepalive', page: `fetch(url('/f'), { keepalive: true, mode: 'no-cors' }).catch(() => 0)` },
  {
    name: 'XMLHttpRequest',
    page: `
      const request = new XMLHttpRequest();
      request.open('GET', url('/x'));
      request.send()`,
  },
  { name: 'beacon', page: `navigator.sendBeacon(url('/b'), 'x')` },
  {
    name: 'ping',
    page: `add('a', { href: '#ping', ping: url('/p') }).click()`,
    notApplicable: { firefox: 'browser.send_pings is off' },
  },
  {
    name: 'fetchLater',
    page: `fetchLater(url('/l'), { activateAfter: 0 })`,
    notApplicable: { firefox: 'has no fetchLater' },
  },
  { name: 'EventSource', page: `window.events = [...(window.events ?? []), new EventSource(url('/events'))]` },
  {
    name: 'WebSocket',
    page: `window.sockets = [...(window.sockets ?? []), new WebSocket(url('/socket').replace('https', 'wss'))]`,
  },
  { name: 'WebTransport', page: `new WebTransport(url('/t')).ready.catch(() => 0)` },
  { name: 'redirect of an image', page: `new Image().src = '/redirect?u=' + encodeURIComponent(url('/a.svg'))` },
  { name: 'redirect of a fetch', page: `fetch('/redirect?u=' + encodeURIComponent(url('/f'))).catch(() => 0)` },
  { name: 'iframe', page: `add('iframe', { src: url('/') })` },
  { name: 'sandboxed iframe', page: `add('iframe', { sandbox: '', src: url('/') })` },
  { name: 'iframe redirected', page: `add('iframe', { src: '/redirect?u=' + encodeURIComponent(url('/')) })` },
  {
    name: 'about:blank iframe',
    page: `
      const frame = add('iframe', {});
      frame.contentWindow.fetch(url('/f'), { mode: 'no-cors' }).catch(() => 0);
      frame.contentDocument.body.append(Object.assign(frame.contentDocument.createElement('img'), { src: url('/a.svg') }))`,
  },
  { name: 'srcdoc iframe', page: `add('iframe', { srcdoc: '<img src="' + url('/a.svg') + '">' })` },
  { name: 'data: iframe', page: `add('iframe', { src: 'data:text/html,<img src="' + url('/a.svg') + '">' })` },
  {
    name: 'blob: iframe',
    page: `
      const page = new Blob(['<img src="' + url('/a.svg') + '">'], { type: 'text/html' });
      add('iframe', { src: URL.createObjectURL(page) })`,
  },
  {
    name: 'form in an iframe',
    page: `
      const name = 'f' + Math.random();
      add('iframe', { name });
      const form = add('form', { action: url('/post'), method: 'post' });
      form.target = name;
      form.submit()`,
  },
];
