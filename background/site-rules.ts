// The person's rules for sites: keeps the list, and applies it to what tabs load. Steering closes the way by itself (src/core/routing/site-rule.ts,
// site-blocking.ts); here a tab becomes private, or shows why it does not go on. Built in background/app.ts.

import { forgetSites } from '../src/core/circuit/exit-choice.ts';
import { newlyWished } from '../src/core/circuit/exit-wishes.ts';
import { isForHost, ruleOf, type SiteMode, type SiteRule } from '../src/core/routing/site-rule.ts';
import { exitChoicesCell, heldCell, siteRulesCell, siteRulesCopyCell } from '../src/core/state/cells.ts';
import { jarOf, type OpenTab, type StrictJars } from '../src/core/state/derive-policy.ts';
import { webHost } from '../src/core/state/page.ts';
import { merge, siteForRule, withAlways, withoutRule, withRule } from '../src/core/state/site-rules.ts';
import { goTo, makeNormal, makePrivate, modeOf, putAside } from '../src/core/state/tab-records.ts';
import { MessageError, type SitesView } from '../src/messages/protocol.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { TabEvents, Tabs } from '../src/ports/tabs.ts';
import type { Holding } from './holding.ts';
import type { PrivateTabs } from './private-tabs.ts';

/** A page that a tab is about to load. */
type Opening = { tab: number; url: string };

export type SiteRulesJob = {
  stored: () => Promise<readonly SiteRule[] | 'lost'>;
  /** None where both copies are lost. */
  rules: () => Promise<readonly SiteRule[]>;
  view: () => Promise<Omit<SitesView, 'exits'>>;
  set: (rule: SiteRule) => Promise<void>;
  remove: (host: string) => Promise<void>;
  add: (rules: readonly SiteRule[]) => Promise<void>;
  /** The tab is sent to a page, or on to another by the site. True where that changed something. */
  opening: (event: Opening) => Promise<boolean>;
  /** A page was stopped. True where that was for a rule, and is taken care of. */
  stopped: (event: Parameters<TabEvents['failed']>[0]) => Promise<boolean>;
  /** Normal tabs that show a site that is always private become private: a rule is new, or an event was missed. */
  adopt: (open: readonly OpenTab[], strict: StrictJars) => Promise<void>;
  /**
   * The rule that a click on the switch puts aside. Throws `MessageError` (`site-never-private`) where a tab is to be private on a site that never is.
   * @param host of the page of the tab
   */
  putAsideBy: (wanted: boolean, host: string | undefined) => Promise<string | undefined>;
  /** Chosen in the menu of a page. */
  choose: (url: string, wanted: boolean) => Promise<void>;
  /** The page that a private tab stopped before: in a tab that is not private; or here, this once. */
  openNormal: (tab: number) => Promise<void>;
  privateOnce: (tab: number) => Promise<void>;
};

export type SiteRulesDeps = {
  cells: Cells;
  tabs: Tabs;
  privateTabs: PrivateTabs;
  holding: () => Pick<Holding, 'enter' | 'stop' | 'goOn'>;
  /** Sites whose country is another now go there, where a way stands. */
  place: () => Promise<void>;
  /** Whether a page waits by itself until its tab is private (Firefox), or is closed (Chrome). */
  requestsWait: boolean;
};

export function createSiteRules(deps: SiteRulesDeps): SiteRulesJob {
  const { cells, tabs, privateTabs, holding, requestsWait } = deps;

  const stored = async (): Promise<readonly SiteRule[] | 'lost'> => {
    const rules = await cells.read(siteRulesCell);
    return rules === 'lost' ? cells.read(siteRulesCopyCell) : rules;
  };
  const rules = async (): Promise<readonly SiteRule[]> => {
    const known = await stored();
    return known === 'lost' ? [] : known;
  };
  /** The copy first: what the person was told is kept stands in one of them at any moment. */
  const change = async (step: (rules: readonly SiteRule[]) => readonly SiteRule[]): Promise<void> => {
    const before = await rules();
    const changed = step(before);
    await cells.update(siteRulesCopyCell, () => changed);
    await cells.update(siteRulesCell, () => changed);
    // Said later than what was chosen for now: from here on the rule's country holds.
    const wished = newlyWished(before, changed);
    if (wished.length === 0) return;
    await cells.update(exitChoicesCell, (choices) => forgetSites(choices, wished));
    await deps.place();
  };

  /** The rule that holds in a tab which goes to that page; none in what is private as a whole, and none that has a country alone. */
  const holds = async ({ tab, url }: Opening): Promise<SiteRule | undefined> => {
    const rule = ruleOf(await rules(), webHost(url));
    if (rule === undefined || rule.mode === 'exit') return undefined;
    const record = (await privateTabs.read()).tabs[tab];
    if (record?.aside === rule.host) return undefined;
    if (record?.mode === 'private') return record.jar === 'shared' ? rule : undefined;
    return rule;
  };

  const heldUrl = async (tab: number): Promise<string> => {
    const held = (await cells.read(heldCell))[tab];
    if (held?.why !== 'never') throw new MessageError('no-tab');
    return held.url;
  };

  /**
   * Tabs on their way from a page on which a rule was put aside: until another is there, the browser still calls that one the tab's, and to make it private would bring the
   * tab back. A worker that dies forgets them, and then does.
   */
  const leaving = new Set<number>();

  return {
    stored,
    rules,

    view: async () => {
      const known = await stored();
      return known === 'lost' ? { rules: [], isLost: true } : { rules: [...known], isLost: false };
    },

    set: (rule) => change((all) => withRule(all, rule)),
    remove: (host) => change((all) => withoutRule(all, host)),
    add: (more) => change((all) => merge(all, more).rules),

    opening: async ({ tab, url }) => {
      const host = webHost(url);
      const record = (await privateTabs.read()).tabs[tab];
      if (host !== undefined && record?.aside !== undefined && !isForHost(record.aside, host)) {
        leaving.add(tab);
        await privateTabs.change((value) => putAside(value, tab, undefined));
        return true;
      }
      // In Chrome the page is closed, and that it was brings the tab here (`stopped`).
      if (!requestsWait || record?.mode === 'private') return false;
      if ((await holds({ tab, url }))?.mode !== 'always') return false;
      await privateTabs.enter(tab, url);
      await holding().enter(tab, url, false);
      return true;
    },

    stopped: async ({ tab, url, isMain, cause }) => {
      if (!isMain || cause === 'aborted') return false;
      const rule = await holds({ tab, url });
      if (rule === undefined) return false;
      const isPrivate = modeOf(await privateTabs.read(), tab) === 'private';
      if (rule.mode === 'never') {
        if (isPrivate) await holding().stop(tab, url);
        return isPrivate;
      }
      if (cause !== 'blocked') return false;
      const plain = withoutFinalDot(url);
      if (isPrivate) {
        // A name with a final dot stays closed (site-blocking.ts); without it, it is the same site.
        if (plain === url) return false;
        await tabs.load(tab, plain);
        return true;
      }
      await privateTabs.enter(tab, plain);
      await holding().enter(tab, plain, true);
      return true;
    },

    adopt: async (open, strict) => {
      const all = await rules();
      const alwaysOf = ({ url }: OpenTab): SiteRule | undefined => {
        const rule = ruleOf(all, webHost(url));
        return rule?.mode === 'always' ? rule : undefined;
      };
      const still = open.filter((tab) => leaving.has(tab.id) && alwaysOf(tab) !== undefined).map(({ id }) => id);
      leaving.clear();
      for (const tab of still) leaving.add(tab);
      if (all.length === 0) return;
      await privateTabs.change((value) =>
        open.reduce((records, tab) => {
          const host = webHost(tab.url);
          const record = records.tabs[tab.id];
          const rule = alwaysOf(tab);
          const isNormal = record?.mode === 'normal' && jarOf(tab, strict) === 'shared' && !leaving.has(tab.id);
          if (!isNormal || record.aside === rule?.host || host === undefined || rule === undefined) return records;
          const hosts = { url: tab.url, hosts: [host], reload: true };
          return makePrivate(records, tab.id, hosts);
        }, value),
      );
    },

    putAsideBy: async (wanted, host) => {
      const rule = ruleOf(await rules(), host);
      const against: SiteMode = wanted ? 'never' : 'always';
      if (rule?.mode !== against) return undefined;
      if (wanted) throw new MessageError('site-never-private');
      return rule.host;
    },

    choose: async (url, wanted) => {
      const host = webHost(url);
      const site = siteForRule(host);
      if (wanted && site !== undefined) return change((all) => withAlways(all, site));
      const rule = ruleOf(await rules(), host);
      if (!wanted && rule !== undefined) await change((all) => withoutRule(all, rule.host));
    },

    openNormal: async (tab) => {
      const url = await heldUrl(tab);
      // Beside no other: what a private tab opens is private.
      const opened = await tabs.open({ beside: undefined, container: undefined });
      await privateTabs.change((value) => goTo(makeNormal(value, opened.id, { reload: false }), opened.id, url));
    },

    privateOnce: async (tab) => {
      const rule = ruleOf(await rules(), webHost(await heldUrl(tab)));
      if (rule !== undefined) await privateTabs.change((value) => putAside(value, tab, rule.host));
      await holding().goOn(tab);
    },
  };
}

function withoutFinalDot(url: string): string {
  const parsed = new URL(url);
  parsed.hostname = parsed.hostname.replace(/\.$/, '');
  return parsed.href;
}
