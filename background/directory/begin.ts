// Where to begin when no relay is known, or none that is known answers: addresses and names that the person gave, the registry on the chain, and relays that were known once. All side by side, and what fails
// takes nothing from the others. What any of them says is a claim: it is where to ask, and no more.

import { ASK_KNOWN_MS, BEGIN_MORE_MS } from '../../src/core/circuit/durations.ts';
import { parseBeginAddress, type BeginAddress } from '../../src/core/directory/begin-address.ts';
import { BeginError, type BeginErrorCode } from '../../src/core/directory/begin-error.ts';
import type { BeginNews } from '../../src/core/directory/begin-news.ts';
import type { BeginPlaces } from '../../src/core/directory/begin-places.ts';
import { isReachable } from '../../src/core/directory/reachable.ts';
import { LEAST_ANSWERS } from '../../src/core/directory/judge-answers.ts';
import type { RegisteredRelay } from '../../src/core/directory/registered-relay.ts';
import type { EntryAddress } from '../../src/ports/entry-client.ts';
import type { Servers } from '../../src/ports/payment-rail.ts';
import { askNames, type AskNamesDeps } from './ask-names.ts';
import { askRelays, MAX_VISITS, placeOf, VISITS_AT_ONCE, type AskDeps, type Asked } from './ask-relays.ts';

export type BeginDeps = AskDeps &
  AskNamesDeps & {
    /** Of the chain. */
    servers: () => Promise<Servers>;
    readRegistry: (servers: Servers, options: { signal: AbortSignal }) => Promise<readonly RegisteredRelay[]>;
    report: (error: unknown) => void;
  };

export type Begin = {
  places: BeginPlaces;
  /** Relays that were known once, whose descriptors may be over: their addresses may hold. */
  known: readonly EntryAddress[];
  chainId: number;
  /** Of whoever must not be asked. */
  mayAsk: (peer: string) => boolean;
};

type Source = { source: BeginNews['source']; read: (signal: AbortSignal) => Promise<readonly EntryAddress[]> };

/** A person's own place is tried so often at least, however many sources there are. */
const LEAST_VISITS = 4;

/** What was answered, and what came of each source. Throws only the signal's reason. */
export async function begin(
  { places, known, chainId, mayAsk }: Begin,
  signal: AbortSignal,
  deps: BeginDeps,
): Promise<{ asked: Asked; news: BeginNews[] }> {
  const { clock, report } = deps;
  const servers = await deps.servers();
  const reachable = (all: readonly BeginAddress[]): EntryAddress[] =>
    all.filter(({ address }) => isReachable(address, chainId));
  const all: (Source | false)[] = [
    places.addresses.length > 0 && {
      source: 'addresses',
      read: () => Promise.resolve(reachable(places.addresses.map(parseBeginAddress))),
    },
    places.names.length > 0 && {
      source: 'names',
      read: async (until) => reachable(await askNames(places, until, deps)),
    },
    servers.length > 0 && { source: 'registry', read: (until) => readRegistry(servers, chainId, until, deps) },
    known.length > 0 && { source: 'known', read: () => Promise.resolve(known) },
  ];
  const sources = all.filter((each) => each !== false);
  const asked: Asked = { answers: new Map(), broke: [] };
  const enough = new AbortController();
  const until = AbortSignal.any([signal, enough.signal]);
  // Each has its part of the visits, and of the lines that there can be at once: who floods one of them displaces nobody.
  const limits = {
    visits: Math.max(LEAST_VISITS, Math.ceil(MAX_VISITS / Math.max(1, sources.length))),
    atOnce: Math.max(1, Math.floor(VISITS_AT_ONCE / Math.max(1, sources.length))),
  };

  /** One that hangs does not hold up those that have answered; the others may still say something else. */
  const answered = (): void => {
    if (asked.answers.size >= LEAST_ANSWERS) enough.abort();
    else if (asked.answers.size === 1) clock.timeout(BEGIN_MORE_MS).addEventListener('abort', () => enough.abort());
  };

  /** @param error where none of them answered */
  const cameOf = (
    source: BeginNews['source'],
    others: readonly EntryAddress[],
    error: BeginNews['error'],
  ): BeginNews => {
    const count = others.filter(({ peer }) => asked.answers.has(peer)).length;
    return { source, told: others.length, answered: count, error: count === 0 ? error : undefined };
  };

  const tell = async ({ source, read }: Source): Promise<BeginNews> => {
    let others: readonly EntryAddress[] = [];
    const patience = source === 'known' ? AbortSignal.any([until, clock.timeout(ASK_KNOWN_MS)]) : until;
    try {
      others = (await read(patience)).filter(({ peer }) => mayAsk(peer));
      await askRelays({ lines: [], others }, {}, patience, deps, { ...limits, asked, answered });
      return cameOf(source, others, others.length > 0 ? 'begin-unreachable' : undefined);
    } catch (error) {
      if (patience.aborted) return cameOf(source, others, undefined);
      report(error);
      return cameOf(source, others, codeOf(error));
    }
  };

  const news = await Promise.all(sources.map(tell));
  signal.throwIfAborted();
  return { asked, news };
}

async function readRegistry(
  urls: Servers,
  chainId: number,
  signal: AbortSignal,
  { readRegistry: read, pastProxy }: BeginDeps,
): Promise<EntryAddress[]> {
  const relays = await pastProxy(
    urls.map((url) => new URL(url).hostname),
    () => read(urls, { signal }),
  );
  return relays.flatMap(({ peer, addresses }) =>
    addresses.workers.filter(({ address }) => isReachable(address, chainId)).flatMap((worker) => placeOf(peer, worker)),
  );
}

/** What a server of the chain does has its own names, which the person has no use for here. */
function codeOf(error: unknown): BeginErrorCode {
  return error instanceof BeginError ? error.code : 'begin-unreachable';
}
