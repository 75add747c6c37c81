// What is chosen of exits, and what rules for sites say of them, mean for circuits: which of them lead to where the person wants, and for whom none does. Reads only. Called by background/{build-circuits,circuits,change-circuit,choose-exit}.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { circuitsForSites } from '../src/core/circuit/circuit-state.ts';
import {
  choiceFor,
  choicesThatHold,
  meetsChoice,
  noteChoice,
  type LastingChoice,
} from '../src/core/circuit/exit-choice.ts';
import { exitChoicesCell, relaysCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { ExitWishes } from './exit-wishes.ts';
import type { SiteCircuits } from './site-circuits.ts';

/** `site` undefined: all private tabs. */
export type Place = { site: string | undefined; choice: LastingChoice };

export type ExitPlaces = {
  /** Whether a circuit leads to where the choice says. */
  meets: (choice: LastingChoice) => Promise<(circuit: Circuit) => boolean>;
  /** Whether one leads to where somebody is to leave who does not yet; undefined where all do. What is built next is rather such a one. */
  rather: (circuits: readonly Circuit[]) => Promise<((circuit: Circuit) => boolean) | undefined>;
  /** What holds for the site, or for all; every circuit will do where nothing does. */
  within: (site: string | undefined) => Promise<(circuit: Circuit) => boolean>;
  /** Those who leave elsewhere than they chose. @param circuits in use, the first one first */
  missed: (circuits: readonly Circuit[]) => Promise<Place[]>;
  /** The person has moved on: nothing holds for the site, or for all, any more. */
  forget: (site: string | undefined) => Promise<void>;
};

export function createExitPlaces(cells: Cells, sites: SiteCircuits, wishes: ExitWishes): ExitPlaces {
  const meetsAny = async (): Promise<(circuit: Circuit, choice: LastingChoice) => boolean> => {
    const records = (await cells.read(relaysCell)) ?? [];
    return (circuit, choice) => meetsChoice(circuit, choice, records);
  };
  const meets: ExitPlaces['meets'] = async (choice) => {
    const fits = await meetsAny();
    return (circuit) => fits(circuit, choice);
  };

  const missed: ExitPlaces['missed'] = async (circuits) => {
    const choices = await wishes.needed();
    const [first] = circuits;
    if (first === undefined) return [];
    const fits = await meetsAny();
    const exitOf = await sites.exitsOf();
    const found: Place[] = [];
    const all = choiceFor(choices, undefined);
    if (all !== undefined && !fits(first, all)) found.push({ site: undefined, choice: all });
    for (const [site, choice] of Object.entries(choices.sites)) {
      const by = circuitsForSites(circuits).find(({ exit }) => exit.peer === exitOf(site));
      if (!fits(by ?? first, choice)) found.push({ site, choice });
    }
    return found;
  };

  return {
    meets,
    missed,

    rather: async (circuits) => {
      const choices = await wishes.open();
      // Where nobody has a circuit yet, whoever chose something misses it.
      const wanted =
        circuits.length === 0 ? choicesThatHold(choices) : (await missed(circuits)).map(({ choice }) => choice);
      // A spare that the browser falls over to is rather there too.
      const all = choices.all === undefined ? wanted : [...wanted, choices.all];
      if (all.length === 0) return undefined;
      const each = await Promise.all(all.map(meets));
      return (circuit) => each.some((fits) => fits(circuit));
    },

    within: async (site) => {
      const choice = choiceFor(await wishes.all(), site);
      return choice === undefined ? () => true : meets(choice);
    },

    forget: async (site) => {
      await cells.update(exitChoicesCell, (choices) => noteChoice(choices, site, { kind: 'any' }));
    },
  };
}
