// `npm run bench`: our two hops beside direct connections, squid, haproxy + squid and a private Tor network, in turns, in one run.
//
//   npm run bench -- --quick                        some minutes; whole, about 23
//   npm run bench -- --quick --work stream          one kind of work: stream, streams, ...
//   npm run bench -- --path '25 ms per hop'         one condition
//   npm run bench -- --peers ours,haproxy-squid     fewer peers
//
// The project's own figures (sizes, times of the extension, vouchers): `npm run bench:figures`.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runProgram } from '../devnet/run.ts';
import { ownNamespace, runInside } from './conditions/namespace.ts';
import { pathName } from './conditions/paths.ts';
import { slowPath } from './conditions/slow-path.ts';
import { openLab, type Lab } from './lab.ts';
import { measure } from './measure.ts';
import { direct } from './peers/direct.ts';
import { startHaproxy } from './peers/haproxy.ts';
import { startOurs } from './peers/ours.ts';
import { PEER_NAMES, type Peer, type PeerName } from './peers/peer.ts';
import { startSquid } from './peers/squid.ts';
import { startTor } from './peers/tor.ts';
import { createPlan } from './plan.ts';
import { judge } from './report/judge.ts';
import type { Run } from './report/run.ts';
import { toJudgement, toTable } from './report/table.ts';
import { writeReport } from './report/write.ts';
import type { Series } from './series.ts';
import type { Work } from './work/work.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** Names of works, separated by commas; all where it is left out. */
    work: { type: 'string', default: '' },
    /** Measures nothing: writes docs/benchmarks.md from the JSON of a run. */
    render: { type: 'string' },
    /** Conditions with this in their name: `25 ms`, `loopback`. */
    path: { type: 'string', default: '' },
    peers: { type: 'string', default: PEER_NAMES.join(',') },
  },
});
const root = join(import.meta.dirname, '..');
const artifacts = join(root, 'artifacts');
const wanted = new Set(flags.peers.split(','));

if (flags.render !== undefined) {
  await report(JSON.parse(await readFile(flags.render, 'utf8')) as Run, true);
  process.exit(0);
}
if (process.getuid?.() !== 0) {
  console.error('bench: it needs root, for a network namespace of its own');
  process.exit(1);
}
if (ownNamespace() === undefined) process.exit(await runInside());

await runProgram('bench', async ({ defer }) => {
  await mkdir(artifacts, { recursive: true });
  const lab = await openLab();
  defer(() => lab.close());
  const peers: Peer[] = [];
  for (const peer of await startPeers(lab)) {
    defer(peer.close);
    if (wanted.has(peer.name)) peers.push(peer);
  }
  const all: Series[] = [];
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
  const startedAt = new Date().toISOString();
  const runOf = (): Run => ({ machine, startedAt, load: loadavg(), quick: flags.quick, series: all });
  const isAsked = ({ name }: Work): boolean => flags.work === '' || flags.work.split(',').includes(name);
  for (const { path, works } of createPlan(flags)) {
    const asked = works.filter(isAsked);
    const condition = path === undefined ? 'loopback' : pathName(path);
    if (asked.length === 0 || !condition.includes(flags.path)) continue;
    const makeFast = path === undefined ? undefined : await slowPath(lab, path);
    for (const work of asked) {
      console.error(`bench: ${condition}: ${work.metrics.map(({ title }) => title).join(', ')} ...`);
      all.push(...(await measure(work, peers, lab, condition)));
      await work.close?.();
    }
    await makeFast?.();
    // After each condition: what is measured is not lost with what comes after it.
    await writeFile(join(artifacts, 'bench.json'), JSON.stringify(runOf(), undefined, 2));
  }
  const isWhole = !flags.quick && flags.work === '' && flags.path === '' && wanted.size === PEER_NAMES.length;
  return (await report(runOf(), isWhole)) ? 0 : 1;
});

async function startPeers(lab: Lab): Promise<Peer[]> {
  const isWanted = (...names: PeerName[]): boolean => names.some((name) => wanted.has(name));
  const peers: Peer[] = [direct];
  if (isWanted('squid', 'haproxy-squid')) {
    const squid = await startSquid(lab);
    peers.push(squid, await startHaproxy(lab, squid));
  }
  if (isWanted('tor')) peers.push(await startTor(lab));
  if (isWanted('ours')) peers.push(await startOurs(lab));
  return peers;
}

/** @param isWhole of all works and peers: what docs/benchmarks.md is written from. Resolves whether everything that was judged is reached. */
async function report(run: Run, isWhole: boolean): Promise<boolean> {
  const page = isWhole ? join(root, 'docs', 'benchmarks.md') : undefined;
  await writeReport(run, { folder: isWhole ? join(root, 'docs', 'images', 'bench') : artifacts, page });
  const { cores, cpu, memoryGiB, node } = run.machine;
  console.log(`\n${cores} x ${cpu}, ${memoryGiB} GiB, Node ${node}\n\n${toTable(run.series)}`);
  const figures = judge(run.series);
  if (figures.length > 0) console.log(`\n${toJudgement(figures)}`);
  return figures.every(({ reached }) => reached);
}
