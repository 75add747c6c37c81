// The metrics of a relay, in Prometheus' text format. Names and labels are an interface: dashboards and alerts of operators hang on them (docs/operators.md lists them; a test compares
// packaging/grafana-dashboard.json with what is here). A label is a role, a direction, a code or a kind out of a closed list: never a destination, a client, another relay or a wallet.

import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry, type CollectFunction } from 'prom-client';
import { REFUSAL_CODES, type RefusalCode } from '../entry/refusal.ts';
import { EXIT_ERROR_CODES, type ExitErrorCode } from '../exit/exit-error.ts';
import type { RequestKind } from '../exit/serve.ts';
import type { TunnelRefusal } from '../exit/tunnel-handler.ts';
import type { TunnelTotals } from '../net/tunnel-set.ts';
import { VERSION } from '../version.ts';
import type { Ceilings, Usage } from './pressure.ts';

/** What is read at each scrape. */
export type MetricFacts = {
  ready: boolean;
  draining: boolean;
  certificates: readonly { role: 'entry' | 'exit'; notAfter: number }[];
  usage: Usage;
  ceilings: Ceilings;
  entry?: {
    tunnels: TunnelTotals;
    links: number;
    connections: number;
    hellos: number;
    leases: number | undefined;
    data: number;
  };
  /** `configured`: entries that it should be connected to. */
  exit?: { tunnels: TunnelTotals; links: number; configured: number; blocked: number; data: number };
};

type RoleFacts = { role: 'entry' | 'exit'; tunnels: TunnelTotals; links: number; data: number };

export type Metrics = {
  readonly contentType: string;
  text(): Promise<string>;
  /** What happened, as it happens. */
  readonly entryRefused: (code: RefusalCode) => void;
  readonly exitRefused: (code: TunnelRefusal) => void;
  readonly request: (kind: RequestKind) => void;
  readonly requestFailed: (code: ExitErrorCode) => void;
  /** Resolving and connecting together, ms. */
  readonly connected: (ms: number) => void;
  readonly flooded: () => void;
  readonly reloaded: (result: 'applied' | 'refused') => void;
  /** Bandwidth: tunnels had to wait. */
  readonly throttled: (scope: ThrottleScope) => void;
};

export type ThrottleScope = 'tunnel' | 'lease' | 'link' | 'total';

export const PREFIX = 'conet_relay_';

/** Seconds: a site in the same data centre, on the same continent, across the world, and those that hardly answer. */
const CONNECT_BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];

const TUNNEL_REFUSALS: readonly TunnelRefusal[] = ['draining', 'unavailable', 'unpaid', 'busy'];
const REQUEST_KINDS: readonly RequestKind[] = ['tunnel', 'plain', 'check', 'speed'];
const SCOPES: readonly ThrottleScope[] = ['tunnel', 'lease', 'link', 'total'];

/** @param facts undefined until the relay has been built */
export function createMetrics(facts: () => MetricFacts): Metrics {
  /** Read once for each answer: the descriptors are a folder of thousands. */
  let now = facts;
  const registry = new Registry();
  const registers = [registry];
  const name = (rest: string): string => `${PREFIX}${rest}`;

  const gauge = <L extends string>(
    rest: string,
    help: string,
    labelNames: readonly L[],
    set: (gauge: Gauge<L>, now: MetricFacts) => void,
  ): void => {
    const collect: CollectFunction<Gauge<L>> = function collect() {
      this.reset();
      set(this, now());
    };
    new Gauge({ name: name(rest), help, labelNames, registers, collect });
  };
  /** Of what is counted elsewhere, since the start. */
  const total = <L extends string>(
    rest: string,
    help: string,
    labelNames: readonly L[],
    set: (counter: Counter<L>, now: MetricFacts) => void,
  ): void => {
    const collect: CollectFunction<Counter<L>> = function collect() {
      this.reset();
      set(this, now());
    };
    new Counter({ name: name(rest), help, labelNames, registers, collect });
  };
  /** Of what is counted here. Each series is there from the start: a rate of one that appears with 1 is none. */
  const counter = <L extends string>(rest: string, help: string, series: readonly Record<L, string>[]): Counter<L> => {
    const labelNames = Object.keys(series[0] ?? {}) as L[];
    const made = new Counter({ name: name(rest), help, labelNames, registers });
    for (const labels of series) made.inc(labels, 0);
    return made;
  };

  gauge('build_info', 'Always 1; the version of the relay and of Node.', ['version', 'node'], (self) =>
    self.set({ version: VERSION, node: process.versions.node }, 1),
  );
  gauge('start_time_seconds', 'When the process started, seconds since the epoch.', [], (self) =>
    self.set(performance.timeOrigin / 1000),
  );
  gauge('ready', '1 where /readyz says so, else 0.', [], (self, { ready }) => self.set(Number(ready)));
  gauge('draining', '1 while the relay takes no new tunnels before its end, else 0.', [], (self, { draining }) =>
    self.set(Number(draining)),
  );
  gauge(
    'certificate_expiry_timestamp_seconds',
    'End of the certificate in force, seconds since the epoch.',
    ['role'],
    (self, { certificates }) => {
      for (const { role, notAfter } of certificates) self.set({ role }, notAfter / 1000);
    },
  );

  const roles = ({ entry, exit }: MetricFacts): RoleFacts[] => [
    ...(entry === undefined ? [] : [{ role: 'entry' as const, ...entry }]),
    ...(exit === undefined ? [] : [{ role: 'exit' as const, ...exit }]),
  ];
  gauge('tunnels', 'Tunnels that run.', ['role'], (self, now) => {
    for (const { role, tunnels } of roles(now)) self.set({ role }, tunnels.open);
  });
  total('tunnels_opened_total', 'Tunnels that were opened.', ['role'], (self, now) => {
    for (const { role, tunnels } of roles(now)) self.inc({ role }, tunnels.opened);
  });
  total(
    'tunnel_bytes_total',
    'Bytes of tunnels as they pass: up is what browsers send.',
    ['role', 'direction'],
    (self, now) => {
      for (const { role, tunnels } of roles(now)) {
        const { fromSockets, fromStreams } = tunnels;
        // The browser is at the end of an entry's sockets, and of an exit's streams.
        self.inc({ role, direction: 'up' }, role === 'entry' ? fromSockets : fromStreams);
        self.inc({ role, direction: 'down' }, role === 'entry' ? fromStreams : fromSockets);
      }
    },
  );
  gauge('links', 'Relays connected for tunnels: exits at an entry, entries at an exit.', ['role'], (self, now) => {
    for (const { role, links } of roles(now)) self.set({ role }, links);
  });
  gauge('links_configured', 'Entries that an exit should be connected to.', [], (self, { exit }) => {
    if (exit !== undefined) self.set(exit.configured);
  });
  gauge(
    'data_connections',
    'Connections between relays for a tunnel each, with those that wait.',
    ['role'],
    (self, now) => {
      for (const { role, data } of roles(now)) self.set({ role }, data);
    },
  );
  gauge('connections', 'Connections of browsers that an entry holds.', [], (self, { entry }) => {
    if (entry !== undefined) self.set(entry.connections);
  });
  gauge('pending_hellos', 'Connections of browsers whose first message has not come.', [], (self, { entry }) => {
    if (entry !== undefined) self.set(entry.hellos);
  });
  gauge('leases', 'Leases of clients that pay, or have free quota.', [], (self, { entry }) => {
    if (entry?.leases !== undefined) self.set(entry.leases);
  });
  gauge('block_list_entries', 'Names and networks on the block lists in force.', [], (self, { exit }) => {
    if (exit !== undefined) self.set(exit.blocked);
  });

  const refused = counter('tunnels_refused_total', 'Connections and tunnels that were refused, by code.', [
    ...REFUSAL_CODES.map((code) => ({ role: 'entry', code })),
    ...TUNNEL_REFUSALS.map((code) => ({ role: 'exit', code })),
  ]);
  const requests = counter(
    'exit_requests_total',
    'Requests to the proxy of an exit: tunnels by CONNECT, plain http, circuit checks, speed tests.',
    REQUEST_KINDS.map((kind) => ({ kind })),
  );
  const failed = counter(
    'exit_requests_failed_total',
    'Requests that the exit refused or could not serve, by code.',
    EXIT_ERROR_CODES.map((code) => ({ code })),
  );
  const connects = new Histogram({
    name: name('exit_connect_duration_seconds'),
    help: 'From a request to the open connection: resolving and connecting.',
    buckets: CONNECT_BUCKETS,
    registers,
  });
  const floods = new Counter({
    name: name('exit_floods_total'),
    help: 'Sessions of HTTP/2 that the exit ended because their client flooded it.',
    registers,
  });
  const reloads = counter('config_reloads_total', 'Readings of the configuration while the relay runs.', [
    { result: 'applied' },
    { result: 'refused' },
  ]);
  const throttles = counter(
    'throttles_total',
    'How often tunnels had to wait for a limit of bandwidth.',
    SCOPES.map((scope) => ({ scope })),
  );

  total('cpu_seconds_total', 'Processor time of the process.', ['mode'], (self) => {
    const { user, system } = process.cpuUsage();
    self.inc({ mode: 'user' }, user / 1e6);
    self.inc({ mode: 'system' }, system / 1e6);
  });
  total('event_loop_seconds_total', 'Time of the event loop: active, or waiting for something.', ['state'], (self) => {
    const { active, idle } = performance.eventLoopUtilization();
    self.inc({ state: 'active' }, active / 1000);
    self.inc({ state: 'idle' }, idle / 1000);
  });
  gauge('resident_memory_bytes', 'Resident memory of the process.', [], (self) => self.set(process.memoryUsage.rss()));
  gauge('memory_in_use_bytes', 'Heap and buffers in use, which the limit holds.', [], (self, { usage }) =>
    self.set(usage.memory),
  );
  gauge('memory_limit_bytes', 'Memory in use above which new tunnels are refused.', [], (self, { ceilings }) =>
    self.set(ceilings.memory),
  );
  gauge('open_fds', 'Open file descriptors.', [], (self, { usage }) => self.set(usage.descriptors));
  gauge('open_fds_limit', 'Open file descriptors above which new tunnels are refused.', [], (self, { ceilings }) =>
    self.set(ceilings.descriptors),
  );

  return {
    contentType: registry.contentType,
    text: () => {
      const found = facts();
      now = () => found;
      return registry.metrics();
    },
    entryRefused: (code) => refused.inc({ role: 'entry', code }),
    exitRefused: (code) => refused.inc({ role: 'exit', code }),
    request: (kind) => requests.inc({ kind }),
    requestFailed: (code) => failed.inc({ code }),
    connected: (ms) => connects.observe(ms / 1000),
    flooded: () => floods.inc(),
    reloaded: (result) => reloads.inc({ result }),
    throttled: (scope) => throttles.inc({ scope }),
  };
}
