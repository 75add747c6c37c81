// A private tab for the time of a check: the page opens it, loads documents of the circuit's own into it, and asks from inside of them, so that
// what is checked is the way that private tabs take. Called by pages/check. The functions that run in the tab are sent there as text: they may use
// nothing of this file.

import { browser } from './browser.ts';

export type InPage = { page: string | null; worker: string | null; sharedWorker: string | null };
export type Nonces = { page: string; worker?: string; sharedWorker?: string };
export type Candidates = { types: string[]; complete: boolean };

export type ProbeTab = {
  readonly id: number;
  /** Loads a document. Rejects when it does not come in time. */
  load(url: string, options: { signal: AbortSignal }): Promise<void>;
  /** Statements, as text, that the document gets when it, or workers of its own, ask for them. Null for what was not answered. */
  ask(nonces: Nonces): Promise<InPage>;
  /** `navigator.globalPrivacyControl`. */
  isAskingForPrivacy(): Promise<boolean>;
  /** WebRTC candidates with a STUN server of that name. */
  gather(server: string): Promise<Candidates>;
  close(): Promise<void>;
};

export async function openProbeTab(): Promise<ProbeTab> {
  const { id } = await browser.tabs.create({ url: 'about:blank', active: false });
  if (id === undefined) throw new Error('the tab has no number');
  const run = async <A extends unknown[], T>(func: (...args: A) => Promise<T> | T, ...args: A): Promise<T> => {
    const injection = { target: { tabId: id }, func: func as () => void, args, world: 'MAIN' as const };
    const [outcome] = await browser.scripting.executeScript(injection);
    return outcome?.result as T;
  };
  return {
    id,
    load: (url, { signal }) => load(id, url, signal),
    ask: (nonces) => run(askInPage, nonces),
    isAskingForPrivacy: () => run(isAskingInPage),
    gather: (server) => run(gatherInPage, server),
    close: () => browser.tabs.remove(id).catch(() => undefined),
  };
}

function load(tab: number, url: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const { onCompleted } = browser.webNavigation;
  const onLoaded = (details: { tabId: number; frameId: number; url: string }): void => {
    if (details.tabId === tab && details.frameId === 0 && details.url === url) resolve(undefined);
  };
  onCompleted.addListener(onLoaded);
  const onLate = (): void => reject(new Error('the document did not come'));
  signal.addEventListener('abort', onLate, { once: true });
  browser.tabs.update(tab, { url }).catch(reject);
  return promise.finally(() => {
    onCompleted.removeListener(onLoaded);
    signal.removeEventListener('abort', onLate);
  });
}

// From here on: what runs in the tab.

async function askInPage({ page, worker, sharedWorker }: Nonces): Promise<InPage> {
  const waitMs = 8000;
  const url = (nonce: string): string => `${location.origin}/statement?nonce=${nonce}`;
  const ask = async (target: string): Promise<string | null> => {
    try {
      const reply = await fetch(target, { cache: 'no-store', signal: AbortSignal.timeout(waitMs) });
      return reply.ok ? (await reply.text()).slice(0, 4096) : null;
    } catch {
      return null;
    }
  };
  const code = `const ask = async (target) => {
    try {
      const reply = await fetch(target, { cache: 'no-store' });
      return reply.ok ? (await reply.text()).slice(0, 4096) : null;
    } catch { return null; }
  };
  onmessage = async ({ data }) => postMessage(await ask(data));
  onconnect = ({ ports: [port] }) => { port.onmessage = async ({ data }) => port.postMessage(await ask(data)); };`;
  const script = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const hear = (open: () => Worker | MessagePort, nonce: string | undefined): Promise<string | null> =>
    new Promise((resolve) => {
      setTimeout(() => resolve(null), waitMs);
      if (nonce === undefined) resolve(null);
      else {
        try {
          const other = open();
          other.onmessage = ({ data }: MessageEvent) => resolve(typeof data === 'string' ? data : null);
          other.postMessage(url(nonce));
        } catch {
          resolve(null);
        }
      }
    });
  const [own, ofWorker, ofShared] = await Promise.all([
    ask(url(page)),
    hear(() => new Worker(script), worker),
    hear(() => new SharedWorker(script).port, sharedWorker),
  ]);
  return { page: own, worker: ofWorker, sharedWorker: ofShared };
}

function isAskingInPage(): boolean {
  return (navigator as Navigator & { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
}

async function gatherInPage(server: string): Promise<Candidates> {
  const waitMs = 5000;
  // Chrome's private tabs have none, so that a page gathers nothing at all (content/peers-early.ts).
  if (!('RTCPeerConnection' in globalThis)) return { types: [], complete: true };
  const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:${server}` }] });
  const types: string[] = [];
  const complete = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), waitMs);
    peer.onicecandidate = ({ candidate }) => {
      if (candidate === null) resolve(true);
      else if (candidate.candidate !== '') types.push(candidate.type ?? 'unknown');
    };
  });
  peer.createDataChannel('check');
  await peer.setLocalDescription(await peer.createOffer());
  const ended = await complete;
  peer.close();
  return { types, complete: ended };
}
