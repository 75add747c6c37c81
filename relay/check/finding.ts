// What a check finds: a line that says what is wrong and how it is mended, or one that is only worth knowing. Each check has a time limit of its own, so that what is dead
// holds up nothing. Used by relay/cli/check.ts.

import { oneLine } from '../cli/one-line.ts';

export type Finding = {
  /** `note`: the relay works all the same. */
  level: 'wrong' | 'note';
  line: string;
};

export type Check = { name: string; run: (signal: AbortSignal) => Promise<Finding[]> };

/** DNS, a dial and a server of the chain each give up before. */
export const CHECK_LIMIT_MS = 20_000;

export const wrong = (line: string): Finding => ({ level: 'wrong', line });
export const note = (line: string): Finding => ({ level: 'note', line });

/** All at once, in their order. Never rejects: a check that fails is a finding. */
export async function runChecks(checks: readonly Check[], limitMs = CHECK_LIMIT_MS): Promise<Finding[]> {
  const found = await Promise.all(checks.map((check) => runOne(check, limitMs)));
  return found.flat();
}

async function runOne({ name, run }: Check, limitMs: number): Promise<Finding[]> {
  const { promise: late, resolve } = Promise.withResolvers<Finding[]>();
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
    resolve([wrong(`${name}: no answer within ${Math.ceil(limitMs / 1000)} s`)]);
  }, limitMs);
  try {
    return await Promise.race([run(stop.signal), late]);
  } catch (error) {
    return [wrong(`${name}: ${oneLine(error)}`)];
  } finally {
    clearTimeout(timer);
  }
}
