// What a browser tells of one request, in the words of both browsers: neither gives the size of what passed over HTTP/2, both give the announced length and the
// address that answered. Made by src/platform/request-watch.ts, counted by traffic-count.ts. No URL, no header and no content is in it.

export type RequestNews = {
  /** The browser's number of the request: the same in all news of it, and after a redirect. */
  id: string;
  /** -1: no tab's. */
  tab: number;
  /** ms since the epoch. */
  at: number;
} & (
  | {
      is: 'begun';
      /** It may carry a body, of a size that is not told. */
      sends: boolean;
      /** A WebSocket: what it carries after its answer is never told. */
      isSocket: boolean;
      /** The page of the tab: what the page before had open ends when it is answered. */
      isPage: boolean;
    }
  | {
      is: 'answered';
      /** Whom the browser is connected with: an entry's address where the request went through a circuit. */
      address: string | undefined;
      body: AnswerBody;
    }
  | {
      is: 'ended';
      how: 'whole' | 'redirected' | 'failed';
      /** Bytes of both directions with heads, where the browser knows. */ size?: number;
    }
);

export type AnswerBody =
  /** Nobody has answered yet, as far as the news go: they may be later than the bytes. */
  | { is: 'awaited' }
  /** Out of the cache, or of a kind that has none. */
  | { is: 'none' }
  /** By its content-length. `partial`: a range, of which the browser may have had a part already. */
  | { is: 'announced'; bytes: number; partial: boolean }
  /** `events`: a stream of events, which nobody sends bulk by. */
  | { is: 'events' }
  | { is: 'unknown' };
