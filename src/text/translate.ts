// Puts what is said into the person's language, for popup and pages: ICU messages (https://unicode-org.github.io/icu/userguide/format_parse/messages/)
// out of one catalog, which the entry point opens before it draws. It knows no browser: src/platform/catalog.ts gives the catalog, tests give theirs.

import { IntlMessageFormat } from 'intl-messageformat';
import { ENGLISH, type Language } from '../core/text/languages.ts';
import type { MessageKey, Text, Values } from '../core/text/text.ts';

export type Catalog = {
  language: Language;
  /** The ICU message; '' for a key that no catalog has. */
  message: (key: MessageKey) => string;
};

let catalog: Catalog = { language: ENGLISH, message: () => '' };
const formats = new Map<MessageKey, IntlMessageFormat>();

export function useCatalog(opened: Catalog): void {
  catalog = opened;
  formats.clear();
}

/** Throws where a value is missing that the message has a gap for: a fault of ours, which tests meet first. */
export function t(key: MessageKey, values?: Values): string {
  const message = catalog.message(key);
  // Most have no gaps, and need no parser.
  if (!message.includes('{')) return message === '' ? key : message;
  let format = formats.get(key);
  if (format === undefined) {
    format = new IntlMessageFormat(message, catalog.language.tag, undefined, { ignoreTag: true });
    formats.set(key, format);
  }
  return String(format.format({ ...values }));
}

/** What core decided to say. */
export function say({ key, values }: Text): string {
  return t(key, values);
}

/** For `Intl`, and for the page's own `lang` and `dir`. */
export function language(): Language {
  return catalog.language;
}
