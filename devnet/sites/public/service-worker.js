// The demo sites' service worker: asks the site who it is, on behalf of the page that sent the address to ask.

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => {
  const reply = event.ports[0];
  event.waitUntil(
    fetch(event.data)
      .then((response) => response.json())
      .then(
        ({ address }) => reply.postMessage(address),
        (error) => reply.postMessage(`failed: ${error.message}`),
      ),
  );
});
