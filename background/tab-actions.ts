// What a person does to tabs, by whatever means: the switch, the keys, the menus. Changes what is stored, each in its turn, and has it put into force. Built in background/app.ts.

import { heldCell, incognitoCell } from '../src/core/state/cells.ts';
import { askReload, modeOf } from '../src/core/state/tab-records.ts';
import { MessageError, type MessageErrorCode } from '../src/messages/protocol.ts';
import type { AppPorts } from './app-ports.ts';
import type { Circuits } from './circuits.ts';
import type { PrivateTabs } from './private-tabs.ts';
import type { Queue } from './queue.ts';
import type { SiteHelp } from './site-help.ts';
import type { SiteRulesJob } from './site-rules.ts';
import type { OpenHow, StrictJarsJob } from './strict-jars.ts';
import type { Views } from './views.ts';

export type TabActions = {
  setPrivate: (tab: number, wanted: boolean) => Promise<void>;
  openPrivate: (how: OpenHow) => Promise<void>;
  setIncognito: (wanted: boolean) => Promise<void>;
  /** Both throw `MessageError` where there is none; then nothing has changed. */
  anotherExit: (tab: number) => Promise<void>;
  newIdentity: (tab: number) => Promise<void>;
  /** The tab goes by another circuit from now on. */
  loadAgain: (tab: number) => Promise<void>;
  /** For the tab that is looked at. */
  toggleActive: () => Promise<void>;
  newIdentityActive: () => Promise<void>;
};

export type TabActionsDeps = {
  ports: Pick<AppPorts, 'cells' | 'tabs' | 'incognito'>;
  ready: Promise<void>;
  enqueue: Queue;
  reconcile: () => Promise<void>;
  privateTabs: PrivateTabs;
  siteRules: Pick<SiteRulesJob, 'putAsideBy'>;
  strictJars: Pick<StrictJarsJob, 'open'>;
  siteHelp: Pick<SiteHelp, 'forget'>;
  circuits: Pick<Circuits, 'anotherExit' | 'newIdentity'>;
  hostOf: Views['hostOf'];
};

export function createTabActions(deps: TabActionsDeps): TabActions {
  const { ready, enqueue, reconcile, privateTabs, siteRules, strictJars, siteHelp, circuits, hostOf } = deps;
  const { cells, tabs, incognito } = deps.ports;

  const set = async (tab: number, wanted: boolean): Promise<void> =>
    privateTabs.set(tab, wanted, await siteRules.putAsideBy(wanted, await hostOf(tab)));
  const isPrivate = async (tab: number): Promise<boolean> => modeOf(await privateTabs.read(), tab) === 'private';

  const loadAgain = async (tab: number): Promise<void> => {
    await siteHelp.forget(tab);
    // A page that waits goes on by itself.
    if ((await cells.read(heldCell))[tab] === undefined) await privateTabs.change((value) => askReload(value, tab));
    await reconcile();
  };
  const change = async (how: () => Promise<boolean>, tab: number, none: MessageErrorCode): Promise<void> => {
    await ready;
    if (!(await how())) throw new MessageError(none);
    await loadAgain(tab);
  };
  const newIdentity = (tab: number): Promise<void> => change(circuits.newIdentity, tab, 'none-fresh');

  return {
    loadAgain,
    newIdentity,
    anotherExit: (tab) => change(async () => circuits.anotherExit(await hostOf(tab)), tab, 'no-other-exit'),

    setPrivate: async (tab, wanted) => {
      await enqueue(() => set(tab, wanted));
      await reconcile();
    },
    openPrivate: async (how) => {
      await enqueue(() => strictJars.open(how, privateTabs.begun));
      await reconcile();
    },
    setIncognito: async (wanted) => {
      if (wanted && !(await incognito.isAllowed())) throw new MessageError('incognito-not-allowed');
      await enqueue(async () => {
        await cells.update(incognitoCell, () => wanted);
        if (!wanted) await privateTabs.releaseIncognito();
      });
      await reconcile();
    },

    toggleActive: async () => {
      await enqueue(async () => {
        const tab = await tabs.active();
        if (tab !== undefined) await set(tab.id, !(await isPrivate(tab.id)));
      });
      await reconcile();
    },
    newIdentityActive: async () => {
      const tab = await tabs.active();
      await ready;
      if (tab !== undefined && (await isPrivate(tab.id))) await newIdentity(tab.id);
    },
  };
}
