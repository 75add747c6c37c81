// What is said to a person, before it is in a language: a key of `_locales/*/messages.json` and what stands in its gaps. Core decides what to
// say and never how it reads; src/text/translate.ts and the worker's own words (src/platform/catalog.ts) put it in a language.

import type catalog from '../../../_locales/en/messages.json';

/** English is the catalog that has every key (tests/unit/text). */
export type MessageKey = keyof typeof catalog;

/** Numbers are written as the language writes them, and choose its plural; texts stand as they are. */
export type Values = Readonly<Record<string, string | number>>;

export type Text = { readonly key: MessageKey; readonly values?: Values };

export function text(key: MessageKey, values?: Values): Text {
  return values === undefined ? { key } : { key, values };
}
