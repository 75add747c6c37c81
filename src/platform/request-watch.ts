// What the browser tells of its requests (webRequest), as news for the count of traffic. Listens while something is private, since each request of the browser costs a
// call of each listener, and wakes a dead worker. Neither a URL nor a header leaves this file. Built in background/main.ts.
// Chrome tells no sizes; Firefox tells `requestSize` and `responseSize`, which are 0 over HTTP/2, where nearly all goes (measured on ESR 153).

import type { WebRequest } from 'webextension-polyfill';
import { isSpeedUrl } from '../core/circuit/speed-test.ts';
import type { AnswerBody, RequestNews } from '../core/traffic/request-news.ts';
import type { RequestWatch } from '../ports/request-watch.ts';
import { browser } from './browser.ts';

/** What both browsers tell, some of it not in each event. */
type Details = {
  requestId: string;
  tabId: number;
  timeStamp: number;
  url: string;
  method: string;
  type: string;
  ip?: string | null;
  fromCache?: boolean;
  statusCode?: number;
  responseHeaders?: { name: string; value?: string }[] | undefined;
  requestSize?: number;
  responseSize?: number;
  /** Who asks: Chrome's word, and Firefox's. */
  initiator?: string;
  originUrl?: string;
};

const EVERYTHING: WebRequest.RequestFilter = { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*'] };
const CARRIES_NOTHING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** RFC 9110 §15.3.5, §15.4.5, and a WebSocket's. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 204, 304]);
const PARTIAL = 206;
const LENGTH = /^\d{1,15}$/;

export function createRequestWatch(): RequestWatch {
  const { webRequest } = browser;
  const self = browser.runtime.getURL('').replace(/\/$/, '');
  let tell: (news: RequestNews) => void = () => undefined;
  let listening = false;

  // Of a speed test the bytes are many, and the entry counts them.
  const isOwn = ({ initiator, originUrl, type, url }: Details): boolean =>
    type !== 'main_frame' && (initiator ?? originUrl)?.startsWith(self) === true && !isSpeedUrl(url);
  // The worker's line to an entry ends there: no tunnel carries it.
  const isLine = (details: Details): boolean => details.type === 'websocket' && isOwn(details);
  const begun = (details: Details): undefined => {
    if (!isLine(details)) tell(begunNews(details, isOwn(details)));
  };
  const answered = (details: Details): undefined => {
    if (!isLine(details)) tell(answeredNews(details, isOwn(details)));
  };
  const redirected = (details: Details): void => {
    tell(answeredNews(details, isOwn(details)));
    tell({ ...about(details), is: 'ended', how: 'redirected' });
  };
  const completed = (details: Details): void => {
    const size = (details.requestSize ?? 0) + (details.responseSize ?? 0);
    tell({ ...about(details), is: 'ended', how: 'whole', ...(size > 0 ? { size } : {}) });
  };
  const failed = (details: Details): void => tell({ ...about(details), is: 'ended', how: 'failed' });

  return {
    start: (listener) => {
      tell = listener;
      if (listening) return;
      listening = true;
      webRequest.onBeforeRequest.addListener(begun, EVERYTHING);
      webRequest.onResponseStarted.addListener(answered, EVERYTHING, ['responseHeaders']);
      webRequest.onBeforeRedirect.addListener(redirected, EVERYTHING, ['responseHeaders']);
      webRequest.onCompleted.addListener(completed, EVERYTHING);
      webRequest.onErrorOccurred.addListener(failed, EVERYTHING);
    },
    stop: () => {
      listening = false;
      webRequest.onBeforeRequest.removeListener(begun);
      webRequest.onResponseStarted.removeListener(answered);
      webRequest.onBeforeRedirect.removeListener(redirected);
      webRequest.onCompleted.removeListener(completed);
      webRequest.onErrorOccurred.removeListener(failed);
    },
  };
}

function about({ requestId, tabId, timeStamp }: Details): Pick<RequestNews, 'id' | 'tab' | 'at'> {
  return { id: requestId, tab: tabId, at: Math.round(timeStamp) };
}

function begunNews(details: Details, isOwn: boolean): RequestNews {
  const { method, type } = details;
  return {
    ...about(details),
    is: 'begun',
    sends: !isOwn && !CARRIES_NOTHING.has(method),
    isSocket: type === 'websocket',
    isPage: type === 'main_frame',
  };
}

function answeredNews(details: Details, isOwn: boolean): RequestNews {
  return { ...about(details), is: 'answered', address: details.ip ?? undefined, body: bodyOf(details, isOwn) };
}

function bodyOf({ fromCache, method, statusCode = 0, responseHeaders = [] }: Details, isOwn: boolean): AnswerBody {
  // What the worker asks for itself are some hundred bytes: the chain's servers, which it asks every few seconds while the wallet is looked at.
  if (isOwn || fromCache === true || method === 'HEAD' || WITHOUT_BODY.has(statusCode)) return { is: 'none' };
  const header = (wanted: string): string =>
    responseHeaders.find(({ name }) => name.toLowerCase() === wanted)?.value ?? '';
  const length = header('content-length');
  if (!LENGTH.test(length)) {
    return { is: header('content-type').startsWith('text/event-stream') ? 'events' : 'unknown' };
  }
  return { is: 'announced', bytes: Number(length), partial: statusCode === PARTIAL };
}
