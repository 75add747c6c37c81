// What unit tests of popup and pages read: the English catalog itself. A setup file of vitest, for the project `unit`.

import english from '../../_locales/en/messages.json' with { type: 'json' };
import { ENGLISH } from '../../src/core/text/languages.ts';
import { useCatalog } from '../../src/text/translate.ts';

const messages: Partial<Record<string, { message: string }>> = english;

/** As `browser.i18n.getMessage` of an English browser. */
export const englishMessage = (key: string): string => messages[key]?.message ?? '';

useCatalog({ language: ENGLISH, message: englishMessage });
