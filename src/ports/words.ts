// What the worker itself says to a person: titles of the button, menus, a container's name. Everything else it sends as a `Text`, for popup and pages to say.

import type { MessageKey, Values } from '../core/text/text.ts';

/** Without plurals (src/core/text/fill-gaps.ts). */
export type WorkerKey = Extract<MessageKey, `worker_${string}`>;

export interface Words {
  /** In the language of this moment: it may be another one the next time. */
  say(key: WorkerKey, values?: Values): string;
  /** `A`, `A or B`, `A, B, or C` in that language. */
  anyOf(names: readonly string[]): string;
}
