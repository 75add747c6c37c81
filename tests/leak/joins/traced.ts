// What a hostile exit (tracing-exit.ts) could join: connections that carry requests, and tickets that lead from one connection to another.

import type { Traced } from './tracing-exit.ts';

/** Everything that one exit learned. Exits are not joined with one another: they see no client, only connections. */
export type Trace = readonly Traced[];

type TracedOf<E extends Traced['event']> = Extract<Traced, { event: E }>;

export function connectionsOf(trace: Trace): TracedOf<'traced-connection'>[] {
  return trace.filter((line) => line.event === 'traced-connection');
}

export function requestsOf(trace: Trace): TracedOf<'traced-request'>[] {
  return trace.filter((line) => line.event === 'traced-request');
}

/** Groups of connections that the exit can tell are one client's: for each, the hosts that were asked for on it. */
export function joinedHosts(trace: Trace): string[][] {
  const parents = new Map<number, number>();
  const rootOf = (connection: number): number => {
    const parent = parents.get(connection);
    return parent === undefined ? connection : rootOf(parent);
  };
  for (const { connection, offers } of connectionsOf(trace)) {
    for (const other of offers)
      if (rootOf(connection) !== rootOf(other)) parents.set(rootOf(connection), rootOf(other));
  }
  const hosts = new Map<number, Set<string>>();
  for (const { connection, host } of requestsOf(trace)) {
    const root = rootOf(connection);
    hosts.set(root, (hosts.get(root) ?? new Set()).add(withoutPort(host)));
  }
  return [...hosts.values()].map((set) => [...set].sort());
}

/** Whether some exit can tell that both hosts were asked for by the same client. */
export function canJoin(traces: readonly Trace[], one: string, other: string): boolean {
  return traces.some((trace) => joinedHosts(trace).some((hosts) => hosts.includes(one) && hosts.includes(other)));
}

export function wasAskedFor(traces: readonly Trace[], host: string): boolean {
  return traces.some((trace) => requestsOf(trace).some((request) => withoutPort(request.host) === host));
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}
