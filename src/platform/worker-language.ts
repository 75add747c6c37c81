// The worker's words follow the language that the person chose: read from the settings at the start and whenever they change. Until that is read
// the browser's own language has the word, which is there at once. Must be called in the first tick.

import { decodeCell } from '../core/state/cell.ts';
import { settingsCell } from '../core/state/settings.ts';
import type { Words } from '../ports/words.ts';
import { browser } from './browser.ts';
import { browserCatalog, openCatalog } from './catalog.ts';
import { createWords } from './worker-words.ts';

/** @param changed called when words are another language's from now on */
export function listenToLanguage(changed: (words: Words) => void, report: (error: unknown) => void): Words {
  let catalog = browserCatalog();
  const words = createWords((key) => catalog.message(key));
  const read = async (): Promise<void> => {
    const stored = (await browser.storage.local.get(settingsCell.key))[settingsCell.key];
    const opened = await openCatalog(decodeCell(settingsCell, stored).value.language);
    const isOther = opened.language.tag !== catalog.language.tag;
    catalog = opened;
    if (isOther) changed(words);
  };
  browser.storage.local.onChanged.addListener((changes) => {
    if (settingsCell.key in changes) read().catch(report);
  });
  read().catch(report);
  return words;
}
