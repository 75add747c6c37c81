// What unit tests of popup and pages read: the English catalog itself. A setup file of vitest, for the project `unit`.

import catalog from '../../_locales/en/messages.json' with { type: 'json' };
import { fillGaps } from '../../src/core/text/fill-gaps.ts';
import { ENGLISH } from '../../src/core/text/languages.ts';
import type { Words } from '../../src/ports/words.ts';
import { useCatalog } from '../../src/text/translate.ts';

const messages: Record<string, { message: string } | undefined> = catalog;

/** As the browser's own `i18n.getMessage` answers. */
export const english = (key: string): string => messages[key]?.message ?? '';

/** The worker's own. */
export const englishWords: Words = {
  say: (key, values) => fillGaps(english(key), values),
  anyOf: (names) => new Intl.ListFormat('en', { type: 'disjunction' }).format(names),
};

useCatalog({ language: ENGLISH, message: english });
