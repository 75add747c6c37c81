// Requests of workers: the browser tells extensions little of whose they are.

import type { Vector } from './vector.ts';

const SHARED = `
  const worker = new SharedWorker('/worker.js', 'shared ' + aim);
  worker.port.start();
  worker.port.postMessage(url('/w'))`;

const SERVICE = `
  navigator.serviceWorker.register('/sw.js')
    .then(() => navigator.serviceWorker.ready)
    .then(({ active }) => active.postMessage(url('/w')))`;

/** Through the worker's own fetch handler. */
const THROUGH_SERVICE = `
  navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready).then(() => {
    const ask = () => fetch('/any?through-worker=' + encodeURIComponent(url('/w'))).catch(() => 0);
    if (navigator.serviceWorker.controller) ask();
    else navigator.serviceWorker.addEventListener('controllerchange', ask, { once: true });
  })`;

export const WORKERS: readonly Vector[] = [
  { name: 'worker', page: `new Worker('/worker.js?u=' + encodeURIComponent(url('/w')))` },
  {
    name: 'worker import',
    page: `new Worker('/import.js?u=' + encodeURIComponent(url('/a.js')), { type: 'module' })`,
  },
  {
    name: 'blob: worker',
    page: `
      const code = new Blob(['fetch(' + JSON.stringify(url('/w')) + ', { mode: "no-cors" })'], { type: 'text/javascript' });
      new Worker(URL.createObjectURL(code))`,
  },
  { name: 'shared worker', page: SHARED },
  { name: 'service worker', page: SERVICE },
  { name: 'through a service worker', page: THROUGH_SERVICE },
];
