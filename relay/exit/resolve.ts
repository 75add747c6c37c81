// Asks DNS for the addresses of a name: A and AAAA at once, no search domains, no hosts file, a limit of time. Nothing is cached here, so
// that no client can find out by the clock what another one visited; a caching resolver on the exit's machine is the place for that.

import { CANCELLED, NODATA, NOTFOUND, TIMEOUT } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { ExitError, type ExitErrorCode } from './exit-error.ts';
import { DNS_QUERY_MS, DNS_TRIES, RESOLUTION_DELAY_MS, RESOLVE_MS } from './limits.ts';

/** Resolves to every address of both families, at least one, in the order of the answers; throws `ExitError`. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<string[]>;

type Outcome = { addresses: string[]; failure?: ExitErrorCode };

/**
 * @param servers `address` or `address:port`, IPv6 in brackets; undefined for those of the system
 * Throws a `TypeError` of Node where one of them is not of that form.
 */
export function createResolve(servers: readonly string[] | undefined): Resolve {
  const resolver = new Resolver({ timeout: DNS_QUERY_MS, tries: DNS_TRIES });
  if (servers !== undefined && servers.length > 0) resolver.setServers(servers);

  return async (name, signal) => {
    signal.throwIfAborted();
    const families = [ask(resolver.resolve6(name)), ask(resolver.resolve4(name))];
    const outcomes = await settleSoon(families, signal);
    const addresses = outcomes.flatMap((outcome) => outcome.addresses);
    if (addresses.length > 0) return addresses;
    const failures = outcomes.map((outcome) => outcome.failure);
    const worst = (['dns-timeout', 'dns-failed'] as const).find((code) => failures.includes(code));
    throw new ExitError(worst ?? (outcomes.length < families.length ? 'dns-timeout' : 'no-such-name'));
  };
}

async function ask(query: Promise<string[]>): Promise<Outcome> {
  try {
    return { addresses: await query };
  } catch (error) {
    return { addresses: [], failure: toFailure(error) };
  }
}

function toFailure(error: unknown): ExitErrorCode {
  const { code } = error as NodeJS.ErrnoException;
  if (code === NOTFOUND || code === NODATA) return 'no-such-name';
  return code === TIMEOUT || code === CANCELLED ? 'dns-timeout' : 'dns-failed';
}

/** All outcomes, or those there are: after the limit, and a moment after the first one that holds an address (RFC 8305 §3). */
async function settleSoon(queries: Promise<Outcome>[], signal: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      timer = setTimeout(() => resolve(outcomes), RESOLVE_MS);
      for (const query of queries) {
        void query.then((outcome) => {
          outcomes.push(outcome);
          if (outcomes.length === queries.length) resolve(outcomes);
          else if (outcome.addresses.length > 0) {
            clearTimeout(timer);
            timer = setTimeout(() => resolve(outcomes), RESOLUTION_DELAY_MS);
          }
        });
      }
    });
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
