// What a relay says of itself at a moment: its /metrics (docs/operators.md, "Watching it").

import type { RelayProcess } from '../support/relay-process.ts';

export type Sample = {
  relay: string;
  /** Since the soak began, ms. */
  at: number;
  /** Bytes. */
  rss: number;
  /** Heap and buffers in use, bytes. */
  inUse: number;
  /** Without those of data connections, of which more wait after a busy minute. */
  descriptors: number;
  tunnels: number;
  /** Of an entry; 0 at an exit. */
  connections: number;
  /** How long /metrics took to answer, ms: what the event loop, and a busy machine, keep a request waiting. */
  answerMs: number;
  /** Share of the time since the start in which the event loop was active. */
  active: number;
  /** User and system, seconds since the start. */
  cpu: number;
};

/** Every series, as `name{label="value"}` without the prefix. */
export async function readMetrics(process: RelayProcess): Promise<Map<string, number>> {
  const { listens } = await process.event('operations-ready');
  const response = await fetch(`http://${String(listens)}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('conet_relay_'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice('conet_relay_'.length, space), Number(line.slice(space + 1))];
    }),
  );
}

export async function sample(relay: string, process: RelayProcess, since: number): Promise<Sample> {
  const start = performance.now();
  const metrics = await readMetrics(process);
  const answerMs = performance.now() - start;
  const sum = (prefix: string): number =>
    [...metrics].filter(([name]) => name.startsWith(prefix)).reduce((total, [, value]) => total + value, 0);
  const active = sum('event_loop_seconds_total{state="active"}');
  return {
    ...{ relay, at: start - since, answerMs },
    rss: sum('resident_memory_bytes'),
    inUse: sum('memory_in_use_bytes'),
    descriptors: (metrics.get('open_fds') ?? NaN) - sum('data_connections{'),
    tunnels: sum('tunnels{'),
    connections: metrics.get('connections') ?? 0,
    active: active / Math.max(sum('event_loop_seconds_total'), 0.001),
    cpu: sum('cpu_seconds_total'),
  };
}
