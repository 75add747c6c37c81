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

/** A tab that is private says by where: the country's code stands in the place of the word. */
export type Drawn = TabStatus & { region?: string | undefined };

const REGION = /^[A-Z]{2}$/;

export function badgeLook({ is, region }: Drawn, words: Words): BadgeLook {
  const look = { icon: is, text: TEXTS[is], color: COLORS[is], title: words.say(TITLES[is]) };
  if (is !== 'private' || region === undefined || !REGION.test(region)) return look;
  return { ...look, text: region, title: words.say('worker_badge_private_in', { place: words.regionName(region) }) };
}

export type Badges = {
  show: (statuses: ReadonlyMap<number, Drawn>) => Promise<void>;
  /** The browser dropped what was drawn: it does so whenever the tab's page changes. */
  forget: (tab: number) => void;
};

export function createBadges(badge: Badge, words: Words): Badges {
  const shown = new Map<number, string>();
  // As the manifest has it, in the browser's language: what a tab shows that was never drawn.
  const untouched = JSON.stringify(badgeLook({ is: 'off' }, words));
  return {
    show: async (statuses) => {
      for (const tab of shown.keys()) if (!statuses.has(tab)) shown.delete(tab);
      // All at once: a pass waits for it, and fifty tabs one after another are fifty round trips.
      await Promise.all(
        [...statuses].map(async ([tab, status]) => {
          const look = badgeLook(status, words);
          // All that is seen, its words with it: they may be of another language than before.
          const text = JSON.stringify(look);
          // A tab that was never anything needs no drawing: `off` is how the browser shows it.
          if ((shown.get(tab) ?? untouched) === text) return;
          // Noted first: the page may change while it is drawn, and then it has to be drawn again.
          shown.set(tab, text);
          await badge.show(tab, look);
        }),
      );
    },
    forget: (tab) => {
      shown.delete(tab);
    },
  };
}
