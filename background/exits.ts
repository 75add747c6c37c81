// The person chooses where a tab leaves the network: shows what there is, moves there, and says in one word why not. Nothing is chosen that breaks a wish, and no further entry is met for it. Built in
// background/app.ts.

import { circuitsForSites, circuitsInUse } from '../src/core/circuit/circuit-state.ts';
import {
  choiceFor,
  isLasting,
  MAX_FAVOURITES,
  narrow,
  noteChoice,
  type ExitChoice,
  type LastingChoice,
} from '../src/core/circuit/exit-choice.ts';
import type { ExitErrorCode } from '../src/core/circuit/exit-error.ts';
import { countExits, exitsByGuards, type ExitsView } from '../src/core/circuit/exits-view.ts';
import { toSelectionWishes } from '../src/core/circuit/relay-wishes.ts';
import { siteOfHost } from '../src/core/routing/site-of-host.ts';
import { circuitCell, exitChoicesCell, favouriteExitsCell, guardsCell, wishesCell } from '../src/core/state/cells.ts';
import type { PopupSnapshot } from '../src/core/state/snapshot.ts';
import { MessageError } from '../src/messages/protocol.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Circuits } from './circuits.ts';
import type { DirectorySync } from './directory/directory-sync.ts';
import type { ExitWishes } from './exit-wishes.ts';
import { isOf, type ExitLister } from './list-exits.ts';

export type ExitsDeps = {
  cells: Cells;
  ready: Promise<void>;
  scope: 'tab' | 'site';
  wishes: Pick<ExitWishes, 'all'>;
  directory: Pick<DirectorySync, 'known'>;
  lister: Pick<ExitLister, 'include'>;
  circuits: Pick<Circuits, 'chooseExit' | 'tryAgain'>;
  /** Host of the page that the person looks at. */
  hostOf: (tab: number) => Promise<string | undefined>;
  snapshot: (tab: number) => Promise<PopupSnapshot>;
  setPrivate: (tab: number) => Promise<void>;
  /** The tab goes by another exit now: its page is loaded again. */
  moved: (tab: number) => Promise<void>;
};

export type ExitsJob = {
  read: (tab: number) => Promise<ExitsView>;
  /** Throws `MessageError` with a code of exit-error.ts where nothing has changed. A tab that is not private becomes so. */
  choose: (tab: number, choice: ExitChoice) => Promise<ExitsView>;
  mark: (tab: number, region: string, wanted: boolean) => Promise<ExitsView>;
};

export function createExits(deps: ExitsDeps): ExitsJob {
  const { cells, ready, scope, directory, circuits, hostOf, snapshot } = deps;

  const siteOf = async (tab: number): Promise<string | undefined> => {
    const host = scope === 'tab' ? await hostOf(tab) : undefined;
    return host === undefined ? undefined : siteOfHost(host);
  };

  const read: ExitsJob['read'] = async (tab) => {
    await ready;
    const site = await siteOf(tab);
    const wished = await cells.read(wishesCell);
    const wishes = wished === 'lost' ? undefined : toSelectionWishes(wished);
    const choices = await deps.wishes.all();
    const { status, circuit } = await snapshot(tab);
    const listed = circuitsInUse(await cells.read(circuitCell));
    const standing = scope === 'tab' ? circuitsForSites(listed) : listed;
    return {
      ...countExits(await directory.known(), await cells.read(guardsCell), wishes),
      isForSite: scope === 'tab',
      site,
      isPrivate: status.is !== 'off',
      choice: scope === 'tab' && site === undefined ? undefined : choiceFor(choices, site),
      now: status.is === 'private' ? circuit?.exit && pick(circuit.exit) : undefined,
      standing: new Set(standing.map(({ exit }) => exit.peer)).size,
      favourites: await cells.read(favouriteExitsCell),
      recent: choices.recent,
    };
  };

  /** Throws where no exit of what is known can be what is chosen; sees to it that circuits can be made of those that are. */
  const prepare = async (choice: LastingChoice): Promise<void> => {
    const wished = await cells.read(wishesCell);
    const wishes = wished === 'lost' ? undefined : toSelectionWishes(wished);
    const index = await directory.known();
    const guards = await cells.read(guardsCell);
    const refuse = (code: ExitErrorCode): never => {
      throw new MessageError(code);
    };
    if (choice.kind !== 'free' && !index.exits.some((exit) => isOf(exit, choice))) refuse('exit-none');
    if (wishes === undefined) return refuse('exit-wishes');
    const narrowed = narrow(wishes, choice);
    if (exitsByGuards(index, [], narrowed).size === 0) refuse('exit-wishes');
    if (exitsByGuards(index, guards, narrowed).size === 0) refuse('exit-no-way');
    await deps.lister.include(index, choice);
  };

  return {
    read,

    choose: async (tab, choice) => {
      await ready;
      const site = await siteOf(tab);
      if (scope === 'tab' && site === undefined) throw new MessageError('exit-no-site');
      const { status, canBePrivate } = await snapshot(tab);
      if (status.is === 'off' && !canBePrivate) throw new MessageError('not-a-web-page');
      if (isLasting(choice)) await prepare(choice);
      if (circuitsInUse(await cells.read(circuitCell)).length === 0) {
        // The first circuit is built to there; where none can be had it is another, and the popup says so.
        await cells.update(exitChoicesCell, (choices) => noteChoice(choices, site, choice));
        await circuits.tryAgain();
      } else {
        const moved = await circuits.chooseExit(site, choice);
        if (moved === 'none') throw new MessageError('exit-unreachable');
        if (moved === 'full') throw new MessageError('exit-full');
        if (moved === 'moved' && status.is !== 'off') await deps.moved(tab);
      }
      if (status.is === 'off' && choice.kind !== 'any') await deps.setPrivate(tab);
      return read(tab);
    },

    mark: async (tab, region, wanted) => {
      await cells.update(favouriteExitsCell, (regions) => {
        const others = regions.filter((each) => each !== region);
        return wanted ? [...others, region].slice(-MAX_FAVOURITES) : others;
      });
      return read(tab);
    },
  };
}

function pick({ region, operator }: { region: string; operator: string }): { region: string; operator: string } {
  return { region, operator };
}
