// Asks the person's resolver, by DNS over HTTPS, for the records of DNSADDR names. Past the proxy, for there is no circuit yet, and closed to pages meanwhile; the resolver learns which names somebody
// here asks for, and nothing of any tab.

import { BeginError } from '../../src/core/directory/begin-error.ts';
import type { BeginAddress } from '../../src/core/directory/begin-address.ts';
import type { BeginPlaces } from '../../src/core/directory/begin-places.ts';
import { MAX_FURTHER_NAMES, MAX_RECORDS, readRecords, recordsNameOf } from '../../src/core/directory/dnsaddr.ts';
import { decodeTxtAnswer, encodeTxtQuery } from '../../src/core/directory/txt-query.ts';
import { ASK_NAME_MS } from '../../src/core/circuit/durations.ts';
import type { Clock, NameQueries } from '../../src/ports/host.ts';
import type { PastProxy } from './past-proxy.ts';

export type AskNamesDeps = { dns: NameQueries; clock: Clock; pastProxy: PastProxy };

/** Side by side; a name that fails takes nothing from the others. Throws the first one's `BeginError` where none leads anywhere. */
export async function askNames(
  { names, resolver }: Pick<BeginPlaces, 'names' | 'resolver'>,
  signal: AbortSignal,
  { dns, clock, pastProxy }: AskNamesDeps,
): Promise<BeginAddress[]> {
  if (names.length === 0) return [];
  if (resolver === undefined) throw new BeginError('begin-no-resolver', 'names');

  const textsOf = async (name: string): Promise<string[]> => {
    const timely = AbortSignal.any([signal, clock.timeout(ASK_NAME_MS)]);
    let answer: Uint8Array;
    try {
      answer = await dns.ask(resolver, encodeTxtQuery(recordsNameOf(name)), { signal: timely });
    } catch (cause) {
      signal.throwIfAborted();
      throw cause instanceof BeginError ? cause : new BeginError('begin-unreachable', 'the resolver', { cause });
    }
    return decodeTxtAnswer(answer);
  };

  const ask = async (name: string): Promise<BeginAddress[]> => {
    const first = readRecords(await textsOf(name), MAX_RECORDS);
    const found = [...first.addresses];
    // One step further and no more: names that lead to each other would never end.
    for (const further of [...new Set(first.names)].slice(0, MAX_FURTHER_NAMES)) {
      const left = MAX_RECORDS - first.names.length - found.length;
      const texts = await textsOf(further).catch((error: unknown) => {
        if (error instanceof BeginError) return [];
        throw error;
      });
      found.push(...readRecords(texts, left).addresses);
    }
    if (found.length === 0) throw new BeginError('begin-no-records', 'a name');
    return found;
  };

  const asked = await pastProxy([new URL(resolver).hostname], () => Promise.allSettled(names.map(ask)));
  signal.throwIfAborted();
  const found = asked.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const [failed] = asked.filter((each) => each.status === 'rejected');
  if (found.length === 0 && failed !== undefined) throw failed.reason;
  return found;
}
