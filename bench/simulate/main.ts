// `npm run simulate`: who meets hostile relays and how evenly relays are loaded, with the code that chooses circuits. Writes docs/simulation.md
// and docs/simulation.svg, the same for the same seed but for the time that a choice takes. Some minutes.
//
//   npm run simulate -- --clients 100000 --seed 7 --no-write

import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '../../devnet/table.ts';
import { plotCourses } from './plot.ts';
import { formatReport, loadRows, shareRows, timingText, torRows, type Result } from './report.ts';
import { runScenario } from './scenario.ts';
import { timeChoices } from './timing.ts';

const HOSTILE_SHARES = [0.05, 0.1, 0.2];

/** Closed ranks change who meets both, not who meets a hostile entry: a tenth of the clients shows it to a tenth of a per cent. */
const CLOSED_PART = 0.1;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    relays: { type: 'string', default: '10000' },
    clients: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '90' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: true },
  },
});
const [relays = 0, clients = 0, days = 0, seed = 0] = [values.relays, values.clients, values.days, values.seed].map(
  (text) => {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < 0) throw new Error(`not a whole number: ${text}`);
    return number;
  },
);
const closedClients = Math.ceil(clients * CLOSED_PART);

const busy = loadavg()[0] ?? NaN;
const timing = timeChoices(relays, seed);
const results: Result[] = HOSTILE_SHARES.map((share) => {
  console.error(`hostile capacity ${share * 100} %`);
  const init = { relays, days, hostileShare: share, seed };
  return {
    share,
    open: runScenario({ ...init, clients, closedRanks: false }),
    closed: runScenario({ ...init, clients: closedClients, closedRanks: true }),
  };
});

console.log(`${relays} relays, ${clients} clients, ${days} days, seed ${seed}\n`);
console.log(`share of clients that met a hostile entry, and both\n\n${formatTable(shareRows(results))}\n`);
console.log(`what Tor publishes for the same shares\n\n${formatTable(torRows(results, days))}\n`);
console.log(`use of the busiest decile over the mean\n\n${formatTable(loadRows(results))}\n`);
console.log(timingText(timing));

if (values.write) {
  const docs = join(import.meta.dirname, '..', '..', 'docs');
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load average ${busy.toFixed(1)}`;
  const panels = results.map(({ share, open, closed }) => ({
    title: `${share * 100} % hostile capacity`,
    courses: [
      ...open.courses,
      ...closed.courses.slice(0, 1).map((course) => ({ ...course, name: 'guards, closed ranks' })),
    ],
  }));
  const report = { relays, clients, closedClients, days, seed, results, timing, machine };
  await writeFile(join(docs, 'simulation.md'), formatReport(report));
  await writeFile(join(docs, 'simulation.svg'), plotCourses(panels));
}
