// The first thing that the popup and each page do: from here on they speak the language of a catalog, and say so to the browser and to screen readers.

import type { MessageKey } from '../core/text/text.ts';
import { t, useCatalog, type Catalog } from './translate.ts';

/** @param title of a page that has one title; one whose title says what happens sets it itself */
export function speak(catalog: Catalog, page: Document, title?: MessageKey): void {
  useCatalog(catalog);
  page.documentElement.lang = catalog.language.tag;
  page.documentElement.dir = catalog.language.dir;
  if (title !== undefined) page.title = t(title);
}
