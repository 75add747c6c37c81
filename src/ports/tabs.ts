// The browser's tabs: what is open, and what happens to them.

import type { OpenTab } from '../core/state/derive-policy.ts';

export type NavigationEvent = {
  tab: number;
  url: string;
  /** The document of the tab itself, not of a frame in it. */
  isMain: boolean;
  /** ms since the epoch. */
  at: number;
};

export interface Tabs {
  list(): Promise<OpenTab[]>;
  /** The tab the person looks at. */
  active(): Promise<OpenTab | undefined>;
  /** Opens a blank tab in front, beside another and in its window where there is one, and in a container where one is named. */
  open(where: { beside: number | undefined; container: string | undefined }): Promise<OpenTab>;
  /**
   * Which tab opened it, as far as the browser knows by now; undefined when the tab is gone. Chrome sends the event of a new tab before it
   * takes down the opener that an extension names (`tabs.create`), so the event lacks it.
   */
  opener(tab: number): Promise<number | undefined>;
  /** URLs of all documents in a tab, frames included; empty when the tab is gone. */
  documents(tab: number): Promise<string[]>;
  /** Does nothing when the tab is gone. */
  close(tab: number): Promise<void>;
  /** Loads the page again past the cache. Does nothing when the tab is gone. */
  reload(tab: number): Promise<void>;
  /** Loads a URL that failed to load, in the place of its error page. Does nothing when the tab is gone. */
  load(tab: number, url: string): Promise<void>;
  /**
   * Shows our own page in the place of `url`, which is loading in the tab or failed to. Which page it waits for the tab asks the worker.
   * False when the browser did not, or the tab is gone.
   * @param how `hasFailed`: the browser's own page about it is there or on its way, and may be waited for. `isWanted`: looked at after that wait
   */
  hold(tab: number, url: string, how: { hasFailed: boolean; isWanted: () => boolean }): Promise<boolean>;
}

/**
 * A request of a tab did not get through its proxy. `proxy`: the browser did not reach it, or there is none. `tunnel`: the exit answered
 * that it could not reach the site. `unsure`: TLS failed, with the proxy or with the site; Firefox does not say which.
 */
export type RequestFailure = { tab: number; url: string; isMain: boolean; cause: 'proxy' | 'tunnel' | 'unsure' };

/**
 * `blocked`: an extension refused the request. `proxy`: the browser did not get through its proxy. `aborted`: the document stays that was there
 * (the person stopped it, it became a download, another navigation came). `other`: the site. Firefox says none but `other`.
 */
export type NavigationFailure = 'blocked' | 'proxy' | 'aborted' | 'other';

/** Called by the adapter for each event of the browser, in its order. Implemented by background/app.ts. */
export interface TabEvents {
  created(tab: OpenTab): void;
  /** A tab was opened by a document of another: links, window.open, also into a new window. */
  openedBy(tab: number, source: number): void;
  removed(tab: number): void;
  replaced(removed: number, added: number): void;
  navigating(event: NavigationEvent): void;
  committed(event: NavigationEvent): void;
  failed(event: NavigationEvent & { cause: NavigationFailure }): void;
  /** A request of a page that is no navigation was refused by an extension. */
  subresourceBlocked(event: { tab: number; url: string }): void;
  /** A request of a tab failed on its way; pages and parts of pages. */
  requestFailed(event: RequestFailure): void;
  /** The page of a tab is asked for; once more for each place that a site sends it on to. Not where a rule of the browser's closes it. */
  requesting(event: { tab: number; url: string }): void;
  /** The page of a tab is asked for by a method that sends something. */
  sending(event: { tab: number; url: string }): void;
}

/** What sites answer for whole pages. */
export interface PageAnswers {
  /** @param at ms since the epoch */
  asked: (tab: number, at: number) => void;
  /** @param refused the site turned the visitor away (src/core/state/site-trouble.ts) */
  answered: (tab: number, host: string, refused: boolean) => void;
  failed: (tab: number) => void;
}
