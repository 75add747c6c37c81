// The words of the worker: titles of buttons, menus, notifications. They have gaps (`{name}`) and no plurals, so that the worker needs no
// ICU formatter, which it would parse at every wake (tests/unit/text holds the keys that begin with `worker_` to it). Pure.

import type { Values } from './text.ts';

/** Gaps that nothing is given for stay as they are, and are seen. */
export function fillGaps(message: string, values: Values = {}): string {
  return message.replace(/\{(\w+)\}/g, (gap, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : gap,
  );
}
