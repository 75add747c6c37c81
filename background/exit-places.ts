// What the stored choices of exits mean for circuits: which of them lead to where the person wants, and for whom none does. Reads only. Called by background/{build-circuits,circuits,change-circuit,choose-exit}.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import {
  choiceFor,
  choicesThatHold,
  meetsChoice,
  noteChoice,
  type LastingChoice,
} from '../src/core/circuit/exit-choice.ts';
import { exitChoicesCell, relaysCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
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

export function createExitPlaces(cells: Cells, sites: SiteCircuits): ExitPlaces {
  const meets: ExitPlaces['meets'] = async (choice) => {
    const records = (await cells.read(relaysCell)) ?? [];
    return (circuit) => meetsChoice(circuit, choice, records);
  };

  const missed: ExitPlaces['missed'] = async (circuits) => {
    const choices = await cells.read(exitChoicesCell);
    const [first] = circuits;
    if (first === undefined) return [];
    const found: Place[] = [];
    const all = choiceFor(choices, undefined);
    if (all !== undefined && !(await meets(all))(first)) found.push({ site: undefined, choice: all });
    for (const [site, choice] of Object.entries(choices.sites)) {
      const fits = await meets(choice);
      const now = await sites.exitOf(site);
      const by = circuits.find((circuit) => circuit.entry.peer === first.entry.peer && circuit.exit.peer === now);
      if (!fits(by ?? first)) found.push({ site, choice });
    }
    return found;
  };

  return {
    meets,
    missed,

    rather: async (circuits) => {
      const choices = await cells.read(exitChoicesCell);
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
      const choice = choiceFor(await cells.read(exitChoicesCell), site);
      return choice === undefined ? () => true : meets(choice);
    },

    forget: async (site) => {
      await cells.update(exitChoicesCell, (choices) => noteChoice(choices, site, { kind: 'any' }));
    },
  };
}
