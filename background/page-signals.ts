// Tells pages and the person who looks at them what their tab is: asks sites for privacy in private tabs, and marks those that may be called
// private. A failure here costs a signal and nothing else, so it is reported and stops nobody. Called by background/app.ts.

import { asksForPrivacy } from '../src/core/routing/gpc-rules.ts';
import type { RoutingPolicy } from '../src/core/routing/policy.ts';
import type { TabStatus } from '../src/core/state/tab-status.ts';
import type { PageSignals } from '../src/ports/page-signals.ts';

export type Signalling = {
  /** Before any tab is loaded because of the policy. Never rejects. */
  announce: (policy: RoutingPolicy) => Promise<void>;
  /** A document has come into a frame of a tab. */
  documentCame: (policy: RoutingPolicy | undefined, tab: number, frame: number) => void;
  show: (statuses: ReadonlyMap<number, TabStatus>) => void;
  /** The tab has another page: the mark went with the one before. */
  forget: (tab: number) => void;
};

export function createSignalling(signals: PageSignals, report: (error: unknown) => void): Signalling {
  let announced: string | undefined;
  const marked = new Map<number, boolean>();

  return {
    announce: async (policy) => {
      const { active, byTab, normalTabs, privateTabs, incognitoTabs, normalHosts, privateHosts, incognitoHosts } =
        policy;
      const tabs = [active, byTab, normalTabs, privateTabs, incognitoTabs];
      const text = JSON.stringify([...tabs, normalHosts, privateHosts, incognitoHosts]);
      if (announced === text) return;
      announced = undefined;
      try {
        await signals.announce(policy);
        announced = text;
      } catch (error) {
        report(error);
      }
    },

    documentCame: (policy, tab, frame) => {
      if (policy === undefined || !asksForPrivacy(policy, tab)) return;
      signals.announceTo(tab, frame).catch(report);
    },

    show: (statuses) => {
      for (const tab of marked.keys()) if (!statuses.has(tab)) marked.delete(tab);
      for (const [tab, { is }] of statuses) {
        const wanted = is === 'private';
        // A page that was never marked needs no removing, unless a worker before this one marked it.
        if (marked.get(tab) === wanted || (is === 'off' && !marked.has(tab))) continue;
        marked.set(tab, wanted);
        // Not waited for: a page that hangs, or shows a dialog, takes no script until it is done.
        (wanted ? signals.mark(tab) : signals.unmark(tab)).catch(report);
      }
    },

    forget: (tab) => void marked.delete(tab),
  };
}
