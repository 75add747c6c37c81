// What the popup and the held page are shown of a tab, read from what is stored. Built in background/app.ts.

import type { ExitChoices } from '../src/core/circuit/exit-choice.ts';
import { misleaders } from '../src/core/directory/relay-faults.ts';
import {
  circuitCell,
  heldCell,
  incognitoCell,
  relayFaultsCell,
  relaysCell,
  siteExitsCell,
} from '../src/core/state/cells.ts';
import { webHost } from '../src/core/state/page.ts';
import { heldView, type HeldView } from '../src/core/state/held.ts';
import { toSnapshot, type PopupSnapshot } from '../src/core/state/snapshot.ts';
import { modeOf } from '../src/core/state/tab-records.ts';
import type { AppPorts } from './app-ports.ts';
import type { PrivateTabs } from './private-tabs.ts';
import type { Rivals } from './rivals.ts';
import type { Routing } from './routing.ts';
import type { SiteHelp } from './site-help.ts';
import type { SiteRulesJob } from './site-rules.ts';
import type { StrictJarsJob } from './strict-jars.ts';

export type Views = {
  /** As of now, for each tab. */
  snapshots: () => Promise<(tab: number) => PopupSnapshot>;
  held: () => Promise<(tab: number) => HeldView>;
  /** Host of the page that the person looks at, or that the tab waits for; undefined for what is no site. */
  hostOf: (tab: number) => Promise<string | undefined>;
};

export type ViewsDeps = {
  ports: Pick<AppPorts, 'cells' | 'tabs' | 'clock' | 'incognito' | 'containers' | 'scope'>;
  privateTabs: PrivateTabs;
  strictJars: StrictJarsJob;
  routing: Routing;
  rivals: Rivals;
  siteHelp: Pick<SiteHelp, 'read'>;
  siteRules: Pick<SiteRulesJob, 'stored'>;
  /** Where sites are to be seen from. */
  exitWishes: () => Promise<ExitChoices>;
  traffic: (tab: number) => PopupSnapshot['traffic'];
};

export function createViews(deps: ViewsDeps): Views {
  const { ports, privateTabs, strictJars, routing, rivals, siteHelp, siteRules, traffic } = deps;
  const { cells, tabs, clock, scope } = ports;
  return {
    snapshots: async () => {
      const records = await privateTabs.read();
      const circuit = await cells.read(circuitCell);
      const open = await tabs.list();
      const strict = await strictJars.read();
      const incognito = {
        isAllowed: await ports.incognito.isAllowed(),
        isWanted: await cells.read(incognitoCell),
      };
      const hold = routing.hold();
      const offersContainers = ports.containers.exist;
      const tolerated = await rivals.tolerated();
      const sites = await cells.read(siteExitsCell);
      const trouble = await siteHelp.read();
      const [choices, relays] = [await deps.exitWishes(), await cells.read(relaysCell)];
      const facts = {
        ...{ trouble, choices, relays, records, circuit, sites, hold, scope, strict, incognito, offersContainers },
        ...{ tolerated, siteRules: await siteRules.stored() },
      };
      const known = { ...facts, misleaders: misleaders(await cells.read(relayFaultsCell), clock.now()) };
      return (tab) => toSnapshot(tab, { ...known, tab: open.find(({ id }) => id === tab), traffic: traffic(tab) });
    },

    hostOf: async (id) => {
      const tab = (await tabs.list()).find((open) => open.id === id);
      return webHost((await cells.read(heldCell))[id]?.url ?? tab?.pendingUrl ?? tab?.url);
    },

    held: async () => {
      const records = await privateTabs.read();
      const facts = { circuit: await cells.read(circuitCell), hold: routing.hold(), now: clock.now() };
      const pages = await cells.read(heldCell);
      return (tab) => heldView(pages[tab], { ...facts, isPrivate: modeOf(records, tab) !== 'normal' });
    },
  };
}
