// Acts on vectors in a browser: those of a page all at once in one page, the others each in a tab of its own, side by side.
// Opens the tabs by the caller's word, so that the same run is made by normal tabs and by private ones.

import { delay, within, type DrivenBrowser, type DrivenTab } from '../../../devnet/browsers/driven-browser.ts';
import type { Aim, Vector } from './vector.ts';

/** A vector whose driver hangs on a page that never loads must not hold up the others. */
const ACT_LIMIT_MS = 25_000;
const ROUND_MS = 1500;

const HELPERS = `
  const put = (parent, tag, properties) => {
    const element = Object.assign(document.createElement(tag), properties);
    parent.append(element);
    return element;
  };
  const add = (tag, properties) => put(document.body, tag, properties);
  const head = (tag, properties) => put(document.head, tag, properties);`;

export type RunInit = {
  browser: DrivenBrowser;
  vectors: readonly Vector[];
  aimOf: (vector: Vector) => Aim;
  /** Host for the pages that the vectors start from, with everything below it. */
  home: string;
  openTab: (url: string) => Promise<DrivenTab>;
  /** How often the page's vectors are started. Pages with blocked hosts are loaded again by the product: chains of requests begin anew then. */
  rounds: number;
};

/** Resolves when everything was started. @returns closes the tabs that were opened */
export async function runVectors({
  browser,
  vectors,
  aimOf,
  home,
  openTab,
  rounds,
}: RunInit): Promise<() => Promise<void>> {
  const applicable = vectors.filter(({ notApplicable }) => notApplicable?.[browser.name] === undefined);
  const shared = await openTab(`https://page.${home}/`);
  const tabs = [shared];
  const acts: { vector: Vector; tab: DrivenTab; host: string }[] = [];
  for (const [index, vector] of applicable.filter(({ act }) => act !== undefined).entries()) {
    const host = `tab${index}.${home}`;
    const tab = await openTab(`https://${host}/`);
    tabs.push(tab);
    acts.push({ vector, tab, host });
  }
  const statements = pageStatements(applicable, aimOf);
  // A page in the background does not speculate.
  await shared.activate();
  const runPage = async (): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      await shared.waitFor(`document.readyState === 'complete'`);
      // A page that is replaced at that moment gives no answer.
      await shared.evaluate(statements).catch(() => undefined);
      await delay(ROUND_MS);
    }
  };
  await Promise.all([
    runPage(),
    ...acts.map(({ vector, tab, host }) =>
      within(
        Promise.resolve(vector.act?.({ browser, tab, home: `https://${host}`, aim: aimOf(vector) })),
        ACT_LIMIT_MS,
      ).catch(() => undefined),
    ),
  ]);
  return async () => {
    await Promise.all(tabs.map((tab) => within(tab.close(), ACT_LIMIT_MS).catch(() => undefined)));
  };
}

function pageStatements(vectors: readonly Vector[], aimOf: (vector: Vector) => Aim): string {
  const each = vectors.flatMap((vector) => {
    if (vector.page === undefined) return [];
    const aim = JSON.stringify(aimOf(vector).host);
    return `try { ((aim) => { const url = (path = '/') => 'https://' + aim + path; ${vector.page} })(${aim}); } catch {}`;
  });
  return `{ ${HELPERS} ${each.join('\n')} }`;
}

/**
 * Opens a tab from another one. In Chromium as a link without an opener does: an extension's word for who opened a tab comes too late there to
 * be in the browser's own event. Firefox lets a page open one tab at a time, and takes the extension's word.
 */
export function openFrom(browser: DrivenBrowser, opener: DrivenTab): (url: string) => Promise<DrivenTab> {
  const place = (url: string): Promise<unknown> => {
    if (browser.name === 'chromium') return opener.evaluate(`void open(${JSON.stringify(url)}, '_blank', 'noopener')`);
    const create = JSON.stringify({ url, openerTabId: opener.id, active: false });
    return browser.asExtension(`browser.tabs.create(${create}).then(() => 1)`);
  };
  return async (url) => {
    const tab = await browser.tabOpenedBy(() => place(url));
    await tab.waitFor(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`);
    return tab;
  };
}
