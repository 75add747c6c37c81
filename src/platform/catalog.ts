// Where messages come from: the browser's own catalog, which it chose by its language and which is there at once, or the file of the language
// that the person chose instead.

import { languageOf, LANGUAGES, type Language } from '../core/text/languages.ts';
import type { MessageKey } from '../core/text/text.ts';
import { browser } from './browser.ts';

export type OpenCatalog = { language: Language; message: (key: MessageKey) => string };

type MessageFile = Partial<Record<MessageKey, { message: string }>>;

/** The browser falls back to English by itself, for each key. */
export function browserCatalog(): OpenCatalog {
  return {
    // The catalog says itself which one the browser took.
    language: languageOf(browser.i18n.getMessage('language_tag' satisfies MessageKey)),
    message: (key) => browser.i18n.getMessage(key),
  };
}

/** @param choice a tag of `LANGUAGES`; anything else is the browser's own choice */
export async function openCatalog(choice: string): Promise<OpenCatalog> {
  const own = browserCatalog();
  const language = LANGUAGES.find(({ tag }) => tag === choice);
  if (language === undefined || language.tag === own.language.tag) return own;
  try {
    const url = browser.runtime.getURL(`_locales/${language.folder}/messages.json`);
    const file = (await (await fetch(url)).json()) as MessageFile;
    return { language, message: (key) => file[key]?.message ?? own.message(key) };
  } catch {
    // Only another version of the extension has taken the file away: the browser's words are better than none.
    return own;
  }
}
