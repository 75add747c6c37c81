// Where sites are to be seen from, by what the person chose for now and by their rules for sites. Where the browser does not tell sites apart a rule's country has no effect, so there it is left out here,
// for everybody who asks. Reads only. Called by background/{site-circuits,exit-places,exits,views,directory/directory-sync}.ts.

import type { ExitChoices } from '../src/core/circuit/exit-choice.ts';
import { neededNow, withRules } from '../src/core/circuit/exit-wishes.ts';
import type { SiteRule } from '../src/core/routing/site-rule.ts';
import { siteOfHost } from '../src/core/routing/site-of-host.ts';
import { exitChoicesCell, tabsCell } from '../src/core/state/cells.ts';
import { webHost } from '../src/core/state/page.ts';
import type { Cells } from '../src/ports/cells.ts';

export type ExitWishes = {
  /** What holds for every site. */
  all: () => Promise<ExitChoices>;
  /** To where ways are to stand now. */
  needed: () => Promise<ExitChoices>;
  /** The same for what is open alone. */
  open: () => Promise<ExitChoices>;
};

export type ExitWishesDeps = { cells: Cells; rules: () => Promise<readonly SiteRule[]>; scope: 'tab' | 'site' };

export function createExitWishes({ cells, rules, scope }: ExitWishesDeps): ExitWishes {
  const ofRules = async (): Promise<readonly SiteRule[]> => (scope === 'tab' ? rules() : []);
  const choices = (): Promise<ExitChoices> => cells.read(exitChoicesCell);
  return {
    all: async () => withRules(await choices(), await ofRules()),
    needed: async () => neededNow(await choices(), await ofRules(), await openSites(cells)),
    open: async () => neededNow(await choices(), await ofRules(), await openSites(cells), 0),
  };
}

/** Of private tabs. */
export async function openSites(cells: Cells): Promise<string[]> {
  const records = await cells.read(tabsCell);
  const tabs = records === undefined || records === 'lost' ? [] : Object.values(records.tabs);
  // The last host may be a frame's: then the page's own is another.
  const hosts = tabs.flatMap((tab) => (tab.mode === 'private' ? [webHost(tab.url), tab.hosts.at(-1)] : []));
  return [...new Set(hosts.filter((host) => host !== undefined).map(siteOfHost))];
}
