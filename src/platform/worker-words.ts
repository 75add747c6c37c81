// The worker's words, and those of the mark in pages, out of the browser's own catalog: it is there at once, and needs no formatter (src/core/text/fill-gaps.ts).

import { fillGaps } from '../core/text/fill-gaps.ts';
import type { MessageKey } from '../core/text/text.ts';
import type { Words } from '../ports/words.ts';
import { browser } from './browser.ts';

/**
 * @param message asked for each word anew, so that it can be another language's as soon as the person chooses one: `message` of an open
 * catalog (catalog.ts) will do
 */
export function createWords(message: (key: MessageKey) => string = (key) => browser.i18n.getMessage(key)): Words {
  return {
    say: (key, values) => fillGaps(message(key), values),
    anyOf: (names) => new Intl.ListFormat(message('language_tag'), { type: 'disjunction' }).format(names),
  };
}
