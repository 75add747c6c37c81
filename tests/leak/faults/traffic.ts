// Pages that never stop asking: what a private tab and a normal tab load while faults are forced. Each step is another kind of request to
// a host name of its own, so that a packet on the wire says which tab it came from, and by what. Pure; the script runs in the page.

/** Whose traffic: the first letter of every host name that the page asks for. */
export type Who = 'p' | 'n';

/** The domain of the laboratory's sites: every name below it has an address of its own. */
const DOMAIN = 'test';

/** Between two requests of a private page. Faster, and two busy cores would measure nothing but themselves. */
const BEAT_MS = 250;

/** The page's home in round `round`: a host that nobody asked for before. */
export function homeOf(who: Who, round: string): string {
  return `${who}-home-${round}.${DOMAIN}`;
}

/** Whether a host is asked for by that tab, or below what it has open. */
export function isAskedBy(who: Who, host: string): boolean {
  return host.startsWith(`${who}-`) && host.endsWith(`.${DOMAIN}`);
}

/** When the page asked for that host, ms since the epoch; undefined for one that no clock of a page made. */
export function askedAt(host: string): number | undefined {
  const time = /^[pn]-[a-z]+-([0-9a-z]{8,9})-\d+(?:[-.]|$)/.exec(host)?.[1];
  return time === undefined ? undefined : parseInt(time, 36);
}

/**
 * @param round tells pages apart; part of every host name
 * @param below the normal tab's home, which goes direct: the private page asks for hosts below it, the normal one for nothing else
 */
export function trafficUrl(who: Who, round: string, below: string): string {
  const settings = { who, round, below, domain: DOMAIN, beat: BEAT_MS };
  const body = `<p id="home">${homeOf(who, round)}</p><script>(${pageScript.toString()})(${JSON.stringify(settings)})</script>`;
  return `https://${homeOf(who, round)}/html?body=${encodeURIComponent(body.replace(/\s+/g, ' '))}`;
}

type Settings = { who: Who; round: string; below: string; domain: string; beat: number };

/** Self-contained: its text is sent to the page, without line breaks and so without comments. */
function pageScript({ who, round, below, domain, beat }: Settings): void {
  let count = 0;
  const quiet = (): undefined => undefined;
  const options = { mode: 'no-cors', cache: 'no-store' } as const;
  const worker = new Worker('/worker.js');
  const frame = document.body.appendChild(document.createElement('iframe'));
  const put = (name: string, fields: Record<string, string>): void => {
    const element = document.head.appendChild(Object.assign(document.createElement(name), fields));
    setTimeout(() => element.remove(), 5000);
  };
  const kinds: Record<string, (host: string, url: string) => unknown> = {
    fetch: (_host, url) => fetch(url, options).catch(quiet),
    img: (_host, url) => (new Image().src = url),
    beacon: (_host, url) => navigator.sendBeacon(url, 'x'),
    keepalive: (_host, url) => fetch(url, { ...options, method: 'POST', body: 'x', keepalive: true }).catch(quiet),
    worker: (_host, url) => worker.postMessage(url),
    socket: (host) => {
      const socket = new WebSocket(`wss://${host}/`);
      socket.onmessage = () => socket.close();
    },
    events: (_host, url) => {
      const source = new EventSource(`${url}events`);
      source.onmessage = () => source.close();
      source.onerror = () => source.close();
    },
    script: (_host, url) => put('script', { src: `${url}a.js` }),
    style: (_host, url) => put('link', { rel: 'stylesheet', href: `${url}a.css` }),
    connect: (_host, url) => put('link', { rel: 'preconnect', href: url }),
    prefetch: (_host, url) => put('link', { rel: 'prefetch', href: url }),
    names: (_host, url) => put('link', { rel: 'dns-prefetch', href: url }),
    frame: (_host, url) => (frame.src = url),
    rtc: async (host) => {
      const connection = new RTCPeerConnection({ iceServers: [{ urls: `stun:${host}:3478` }] });
      connection.createDataChannel('x');
      await connection.setLocalDescription(await connection.createOffer());
      setTimeout(() => connection.close(), 3000);
    },
  };
  const names = Object.keys(kinds);
  const step = (): void => {
    count += 1;
    const kind = names[count % names.length] ?? 'fetch';
    const unique = `${who}-${kind}-${Date.now().toString(36)}-${count}`;
    const host = who === 'n' || count % 5 === 0 ? `${unique}.${below}` : `${unique}-${round}.${domain}`;
    try {
      void kinds[kind]?.(host, `https://${host}/`);
    } catch {
      quiet();
    }
  };
  const clock = new Worker(URL.createObjectURL(new Blob([`setInterval(() => postMessage(0), ${beat})`])));
  clock.onmessage = step;
  step();
}
