// The part of a session (session.ts) that its own helpers need.

import type { Harness, HarnessBrowser } from '../harness/harness.ts';

export type SessionParts = {
  readonly harness: Harness;
  readonly name: HarnessBrowser['name'];
  readonly browser: HarnessBrowser;
  asBrowser(expression: string): Promise<unknown>;
  until<T>(what: string, check: () => Promise<T | undefined | false>, limitMs?: number): Promise<T>;
};
