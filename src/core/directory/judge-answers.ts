// Which of several relays hides others. Each is asked for all that it knows; what two of them have, the others should have too, but for what is too new to have come around.

import type { PeerLabel } from '../tunnel/circuit-name.ts';

/** Of what others have in common, what an honest relay may lack: one of an hour with 5 % changes, twice over. */
const MAY_LACK = 0.1;
/** In a small network a handful is more than a tenth. */
const MAY_LACK_AT_LEAST = 2;
/** Of fewer nobody can tell who is wrong. */
export const LEAST_ANSWERS = 3;

/** @param answers of each relay that was asked, the relays that it told of. @returns those that hide some */
export function hidersAmong(answers: ReadonlyMap<PeerLabel, ReadonlySet<PeerLabel>>): PeerLabel[] {
  if (answers.size < LEAST_ANSWERS) return [];
  return [...answers.keys()].filter((who) => {
    const others = [...answers].filter(([each]) => each !== who).map(([, told]) => told);
    const told = answers.get(who) ?? new Set();
    const common = [...new Set(others.flatMap((each) => [...each]))].filter(
      (peer) => others.filter((each) => each.has(peer)).length >= 2,
    );
    const lacking = common.filter((peer) => !told.has(peer)).length;
    return lacking > Math.max(MAY_LACK_AT_LEAST, MAY_LACK * common.length);
  });
}
