// The browser's news of requests, for the count of traffic. Implemented by src/platform/request-watch.ts.

import type { RequestNews } from '../core/traffic/request-news.ts';

export interface RequestWatch {
  /** Must first be called in the first tick, since the news may be what woke the worker. Called again after `stop`, it goes on. */
  start(listener: (news: RequestNews) => void): void;
  /** No request of the browser costs anything any more, nor wakes the worker. */
  stop(): void;
}
