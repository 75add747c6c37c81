// What every page of the extension does before it draws: it reads the settings itself, since storage answers sooner than a worker that has to wake, and
// gives the document its colours. What it returns speaks the person's language (src/text/speak.ts). Called by the entry points of popup and pages.

import { decodeCell } from '../core/state/cell.ts';
import { DEFAULT_SETTINGS, settingsCell, type Settings } from '../core/state/settings.ts';
import { browser } from './browser.ts';
import { openCatalog, type OpenCatalog } from './catalog.ts';

/** Dresses the page, and opens the words of the person's language. Never rejects: a page without settings is one with the browser's own. */
export async function openPage(): Promise<OpenCatalog> {
  return dress(await readSettings());
}

/** Dresses the page again whenever a setting changes, and tells: what was drawn is drawn anew. */
export function onPageSettings(listener: (catalog: OpenCatalog) => void): void {
  browser.storage.local.onChanged.addListener((changes) => {
    if (!(settingsCell.key in changes)) return;
    void readSettings().then(dress).then(listener);
  });
}

async function readSettings(): Promise<Settings> {
  try {
    return decodeCell(settingsCell, (await browser.storage.local.get(settingsCell.key))[settingsCell.key]).value;
  } catch {
    return DEFAULT_SETTINGS;
  }
}

async function dress({ appearance, language: choice }: Settings): Promise<OpenCatalog> {
  const root = document.documentElement;
  // Without one the style sheets follow the system.
  if (appearance === 'auto') root.removeAttribute('data-theme');
  else root.dataset['theme'] = appearance;
  return openCatalog(choice);
}
