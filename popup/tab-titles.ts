// What the browser calls its tabs, for a page of ours that shows them beside numbers. Called by the popup: the worker hears no title.

import { browser } from '../src/platform/browser.ts';

/** Those of these tabs that are open. */
export async function tabTitles(tabs: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const open = await browser.tabs.query({});
  return new Map(
    open.flatMap(({ id, title }): [number, string][] =>
      id !== undefined && title !== undefined && tabs.includes(id) ? [[id, title]] : [],
    ),
  );
}
