// The page docs/simulation.md: what was simulated, the tables, and what they do not say.

import { CIRCUITS_PER_DAY, OUR_GUARDS, TOR_GUARDS, type Scenario } from './scenario.ts';
import type { Timing } from './timing.ts';
import { DOWN_PER_DAY, LEAVE_PER_DAY, LINKS } from './world.ts';

export type Result = { share: number; open: Scenario; closed: Scenario };

export type Report = {
  relays: number;
  clients: number;
  closedClients: number;
  days: number;
  seed: number;
  results: readonly Result[];
  timing: Timing;
  machine: string;
};

/** Shares of clients, a row for each share of hostile capacity and way of choosing. */
export function shareRows(results: readonly Result[]): string[][] {
  const days = results[0]?.open.courses[0]?.metBoth.length ?? 0;
  const head = [
    'hostile capacity',
    'choice',
    ...['entry', 'both'].flatMap((met) => [`${met}, day 1`, `${met}, day ${days}`]),
  ];
  return [head, ...results.flatMap(({ share, open, closed }) => rowsOf(share, open, closed))];
}

export function loadRows(results: readonly Result[]): string[][] {
  const rows = results.flatMap(({ share, open }) =>
    open.loads.map(({ name, entries, exits }) => [percent(share), name, entries.toFixed(2), exits.toFixed(2)]),
  );
  return [['hostile capacity', 'choice', 'entries', 'exits'], ...rows];
}

/** What Tor's specification says in so many words, for the same share `c` and as many circuits. */
export function torRows(results: readonly Result[], days: number): string[][] {
  const rows = results.map(({ share }) => [
    percent(share),
    percent(1 - (1 - share ** 2) ** CIRCUITS_PER_DAY),
    percent(1 - (1 - share ** 2) ** (CIRCUITS_PER_DAY * days)),
    percent(share),
    percent(1 - (1 - share) ** 2),
    percent(1 - (1 - share) ** 3),
  ]);
  const head = [
    'both, no guards, day 1',
    `both, no guards, day ${days}`,
    '1 guard met',
    '2 guards met',
    '3 guards met',
  ];
  return [['hostile capacity', ...head], ...rows];
}

export function timingText({ indexing, firstGuards, choice }: Timing): string {
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  return (
    `one choice: median ${ms(choice.median)}, 99 of 100 within ${ms(choice.p99)}, longest ${ms(choice.most)}; ` +
    `guards from nothing ${ms(firstGuards)}; index of the directory ${ms(indexing)}, once for each change of it`
  );
}

export function formatReport(report: Report): string {
  const { relays, clients, closedClients, days, seed, results, timing, machine } = report;
  return `# How circuits are chosen, simulated

Written by \`npm run simulate\` (seed ${seed}); what it prints is this page. The code that chooses is \`src/core/circuit\`: \`guard-set.ts\`, \`weigh-exits.ts\`,
\`select-circuit.ts\`. A million clients draw from tables made of its weights and rules, and \`tests/unit/bench/simulate.test.ts\` holds both against each other.

## Who meets a hostile relay

${relays.toLocaleString('en')} relays, ${clients.toLocaleString('en')} clients, ${days} days, ${CIRCUITS_PER_DAY} circuits a day each. "entry": share of clients that ever used a hostile entry;
"both": that ever used a circuit whose entry and exit are hostile, which is when they can be linked with what they visit. Both by the end of that day.

${table(shareRows(results))}

![For each share of hostile capacity, the share of clients that ever used a circuit of two hostile relays, by day](simulation.svg)

Without guards most clients, or all, meet such a circuit within the ${days} days; with guards only those who drew a hostile guard do. On the first
day guards gain little, and two are about twice as often hostile as Tor's one: that is the price of a spare circuit of other relays that is always ready. The bend at day ${OUR_GUARDS.lifeDays[0]} is guards that begin to expire.

**closed ranks** is the same network where hostile exits dial hostile entries only, and those take no link of an honest exit (${closedClients.toLocaleString('en')} clients). An exit says itself
which entries it keeps a link to, so nothing in the choice can stop this: whoever draws a hostile guard has a hostile exit from the first circuit on. Guards bound
it, and nothing else here does.

### What Tor publishes, for the same shares

${table(torRows(results, days))}

No guards: 1-(1-F)^C with F = c² ([guard-spec, introduction](https://spec.torproject.org/guard-spec/)). Guards met: 1-(1-c)^(v·r), here v guards drawn once
([vanguards-spec, rotation statistics](https://spec.torproject.org/vanguards-spec/vanguards-stats.html)). The row "Tor’s guard numbers" above is the guards of this code with the numbers of
[guard-spec, appendices](https://spec.torproject.org/guard-spec/appendices): ${TOR_GUARDS.keep} primary guards of which ${TOR_GUARDS.use} is used, ${TOR_GUARDS.lifeDays.join('-')} days, ${TOR_GUARDS.unlistedDays} days unlisted; on this network of two hops. It is not Tor.

## How evenly relays are loaded

The use of a relay is its share of all circuits over its share of all capacity. The table has the mean use of the tenth of the relays that are used most over the mean use of all (1 is
perfectly even; to reach: at most 1.5). Entries: what the clients' guards make; exits: what follows from it by weight. No latencies were measured here.

${table(loadRows(results))}

By day ${days} entries are less even than on the first day: relays that came later have not been drawn by those who still keep their guards.

## How long a choice takes

${relays.toLocaleString('en')} relays, ${machine}: ${timingText(timing)}. To reach: one choice within 20 ms.

## What was made up

* Capacities: log-normal around 12 MB/s, from 1 to 250 MB/s. 40 % of the relays are entries, 40 % exits, 20 % both. ${LINKS} links for each exit, to entries drawn by capacity.
* Honest relays: three to an operator on average, ${percent(LEAVE_PER_DAY)} leave for good each day and as many come, ${percent(DOWN_PER_DAY)} are down on a day. Hostile ones never leave and are never down,
  and each says that it is alone in operator, payee and network: the worst that can be.
* "Hostile capacity" is a share of the capacity of all relays at the start, in relays like the honest ones. Against uniform choice many small relays would be cheaper, so that row is kind to it.
* Clients are alike, always on, and wish for nothing. The directory's links and weights are worked out once a week; who leaves is known on the day.
* Rows without guards are exact; the others are counted.
`;
}

function rowsOf(share: number, open: Scenario, closed: Scenario): string[][] {
  const row = (name: string, { metEntry, metBoth }: Scenario['courses'][number]): string[] => [
    percent(share),
    name,
    ...[metEntry, metBoth].flatMap((met) => [percent(met[0] ?? NaN), percent(met.at(-1) ?? NaN)]),
  ];
  return [
    ...open.courses.map((course) => row(course.name, course)),
    ...closed.courses.slice(0, 1).map((course) => row('guards, closed ranks', course)),
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

function table([head = [], ...rows]: readonly string[][]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map((_, at) => (at < 2 ? '---' : '---:')).join('|')}|`, ...rows.map(line)].join('\n');
}
