// What private tabs say to their sites and to the person who looks at them. Nothing here decides who is private, and nothing is blocked by it.

import type { RoutingPolicy } from '../core/routing/policy.ts';

export interface PageSignals {
  /** Asks sites for privacy on every request and in every document of private tabs, from when it resolves; on none for an inactive policy. */
  announce(policy: RoutingPolicy): Promise<void>;
  /** The same for a document that has come already. Does nothing where the document is gone or not a page's. */
  announceTo(tab: number, frame: number): Promise<void>;
  /** The mark in the tab's top document. Does nothing where it is there, or where the tab is gone or shows no page. */
  mark(tab: number): Promise<void>;
  unmark(tab: number): Promise<void>;
}
