// Runs in the demo sites' pages: makes one request of each kind and shows the address that each came from.

const visit = document.documentElement.dataset.visit;
const table = document.querySelector('#seen tbody');
const labelled = (path, kind) => `${path}?kind=${kind}&visit=${visit}`;

const results = {};
window.results = results;

function show(kind, address) {
  results[kind] = address;
  let row = table.querySelector(`[data-kind="${kind}"]`);
  if (!row) {
    row = table.insertRow();
    row.dataset.kind = kind;
    row.insertCell().textContent = kind;
    row.insertCell();
  }
  row.cells[1].textContent = address;
}

async function viaFetch() {
  const response = await fetch(labelled('/whoami.json', 'fetch'));
  show('fetch', (await response.json()).address);
}

function viaWebSocket() {
  const socket = new WebSocket(labelled(`wss://${location.host}/socket`, 'websocket'));
  socket.onmessage = (event) => show('websocket', JSON.parse(event.data).address);
  socket.onclose = (event) => results.websocket ?? show('websocket', `closed (${event.code})`);
}

function viaEvents() {
  const source = new EventSource(labelled('/events', 'events'));
  source.onmessage = (event) => show('events', JSON.parse(event.data).address);
}

async function viaServiceWorker() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register('/service-worker.js');
  const { active } = await navigator.serviceWorker.ready;
  const channel = new MessageChannel();
  channel.port1.onmessage = (event) => show('service-worker', event.data);
  active.postMessage(labelled('/whoami.json', 'service-worker'), [channel.port2]);
}

/** Parts that cannot read their own answer (images, the film) are looked up in the site's log. */
async function lookUp() {
  const response = await fetch(`/seen.json?visit=${visit}`);
  for (const [kind, addresses] of Object.entries(await response.json())) {
    if (!(kind in results)) show(kind, addresses.join(', '));
  }
}

const settle = (job) => job().catch((error) => show(job.name, `failed: ${error.message}`));
viaWebSocket();
viaEvents();
void Promise.all([viaFetch, viaServiceWorker].map(settle)).then(() => {
  void settle(lookUp);
  setInterval(() => void settle(lookUp), 2000);
});
