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

export type Group = { connections: number[]; hosts: string[] };

/** Connections that the exit can tell are one client's, and the hosts that were asked for on them. */
export function groupsOf(trace: Trace): Group[] {
  const parents = new Map<number, number>();
  const rootOf = (connection: number): number => {
    const parent = parents.get(connection);
    return parent === undefined ? connection : rootOf(parent);
  };
  const connections = connectionsOf(trace);
  for (const { connection, offers } of connections) {
    for (const other of offers)
      if (rootOf(connection) !== rootOf(other)) parents.set(rootOf(connection), rootOf(other));
  }
  const requests = requestsOf(trace);
  const roots = [...new Set(connections.map(({ connection }) => rootOf(connection)))];
  return roots.map((root) => ({
    connections: connections.map(({ connection }) => connection).filter((connection) => rootOf(connection) === root),
    hosts: [
      ...new Set(requests.filter(({ connection }) => rootOf(connection) === root).map(({ host }) => withoutPort(host))),
    ],
  }));
}

/** The connections on which a host was asked for, each named by its exit as well. */
export function connectionsFor(traces: readonly Trace[], host: string): Set<string> {
  return new Set(
    traces.flatMap((trace, exit) =>
      requestsOf(trace)
        .filter((request) => withoutPort(request.host) === host)
        .map(({ connection }) => `${exit} ${connection}`),
    ),
  );
}

/** Whether some exit can tell that connections of both sets, as `connectionsFor` names them, are one client's. */
export function canJoinConnections(
  traces: readonly Trace[],
  one: ReadonlySet<string>,
  other: ReadonlySet<string>,
): boolean {
  return traces.some((trace, exit) =>
    groupsOf(trace).some(({ connections }) => {
      const names = connections.map((connection) => `${exit} ${connection}`);
      return names.some((name) => one.has(name)) && names.some((name) => other.has(name));
    }),
  );
}

/** Whether some exit can tell that both hosts were asked for by the same client. */
export function canJoin(traces: readonly Trace[], one: string, other: string): boolean {
  return traces.some((trace) => groupsOf(trace).some(({ hosts }) => hosts.includes(one) && hosts.includes(other)));
}

export function wasAskedFor(traces: readonly Trace[], host: string): boolean {
  return traces.some((trace) => requestsOf(trace).some((request) => withoutPort(request.host) === host));
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}
