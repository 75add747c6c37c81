// Draws what each tab is on the extension's button. A badge never says more than `tabStatus` does.

import type { Badge, BadgeLook } from '../src/ports/host.ts';
import type { TabStatus } from '../src/core/state/tab-status.ts';
import type { WorkerKey, Words } from '../src/ports/words.ts';

/** Amber, green and red that white text stands out from at 4.5:1 (WCAG 2.2, 1.4.3). */
const COLORS = { off: '#5b6470', connecting: '#9a5b00', private: '#1a7f4b', blocked: '#c0362c' } as const;
const TEXTS = { off: '', connecting: '…', private: 'ON', blocked: '!' } as const;
const TITLES: Readonly<Record<TabStatus['is'], WorkerKey>> = {
  off: 'worker_badge_off',
  connecting: 'worker_badge_connecting',
  private: 'worker_badge_private',
  blocked: 'worker_badge_blocked',
};

export function badgeLook({ is }: TabStatus, words: Words): BadgeLook {
  return { icon: is, text: TEXTS[is], color: COLORS[is], title: words.say(TITLES[is]) };
}

const OFF = JSON.stringify({ is: 'off' } satisfies TabStatus);

export type Badges = {
  show: (statuses: ReadonlyMap<number, TabStatus>) => Promise<void>;
  /** The browser dropped what was drawn: it does so whenever the tab's page changes. */
  forget: (tab: number) => void;
};

export function createBadges(badge: Badge, words: Words): Badges {
  const shown = new Map<number, string>();
  return {
    show: async (statuses) => {
      for (const tab of shown.keys()) if (!statuses.has(tab)) shown.delete(tab);
      // All at once: a pass waits for it, and fifty tabs one after another are fifty round trips.
      await Promise.all(
        [...statuses].map(async ([tab, status]) => {
          const text = JSON.stringify(status);
          // A tab that was never anything needs no drawing: `off` is how the browser shows it.
          if ((shown.get(tab) ?? OFF) === text) return;
          // Noted first: the page may change while it is drawn, and then it has to be drawn again.
          shown.set(tab, text);
          await badge.show(tab, badgeLook(status, words));
        }),
      );
    },
    forget: (tab) => {
      shown.delete(tab);
    },
  };
}
