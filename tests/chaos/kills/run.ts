// Runs so many kills by a seed, a new world for each 25 of them, and counts. Used by main.ts and by the short form in the tests.

import { createRandom } from './random.ts';
import { NO_FIGURES, type Figures } from './losses.ts';
import { LinkEnded, Rounds, type Kill } from './rounds.ts';
import { World } from './world.ts';

/** A chain that grows makes each of its blocks slower. */
const KILLS_OF_ONE = 25;

export type Outcome = {
  kills: number;
  /** By victim and step, and how many struck inside of the step and not behind it. */
  by: Record<string, number>;
  hits: number;
  figures: Figures;
  /** What was carried in all. */
  bytes: number;
  /** Worlds that ended early (rounds.ts). */
  linksEnded: number;
  worlds: number;
  faults: string[];
};

/** @param stopped asked before each kill: the run ends early, and tells what it has seen */
export async function runKills({
  seed,
  count,
  say,
  stopped = () => false,
}: {
  seed: number;
  count: number;
  say: (line: string) => void;
  stopped?: () => boolean;
}): Promise<Outcome> {
  const outcome: Outcome = {
    kills: 0,
    by: {},
    hits: 0,
    figures: { ...NO_FIGURES },
    bytes: 0,
    linksEnded: 0,
    worlds: 0,
    faults: [],
  };
  const note = (kill: Kill, answer: string): void => {
    outcome.kills += 1;
    if (kill.hit) outcome.hits += 1;
    const key = `${kill.victim} in ${kill.step}`;
    outcome.by[key] = (outcome.by[key] ?? 0) + 1;
    say(`${outcome.kills} ${key}, ${kill.how}${kill.hit ? '' : ' (behind it)'}: ${answer}`);
  };
  while (outcome.kills < count && !stopped()) {
    const from = outcome.kills;
    outcome.worlds += 1;
    const world = await World.start();
    const rounds = new Rounds(world, createRandom(Math.imul(seed, 0x9e3779b1) + from), note);
    try {
      for (let left = Math.min(KILLS_OF_ONE, count - from); left > 0 && !stopped(); left -= 1) await rounds.round();
      await rounds.finish();
    } catch (error) {
      if (error instanceof LinkEnded) {
        outcome.linksEnded += 1;
        say(error.message);
        continue;
      }
      const fault = `seed ${seed}, kill ${outcome.kills}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
      outcome.faults.push(fault);
      say(`FAULT ${fault}\n${world.words()}`);
      // A fault before the first kill would come again and again.
      if (outcome.kills === from) break;
    } finally {
      outcome.bytes += world.browser.total;
      for (const name of Object.keys(outcome.figures) as (keyof Figures)[]) {
        outcome.figures[name] = Math.max(outcome.figures[name], rounds.losses.figures[name]);
      }
      await world.close();
    }
  }
  return outcome;
}
