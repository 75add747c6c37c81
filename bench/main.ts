// `npm run bench`: our two hops beside direct connections, squid, haproxy + squid and a private Tor network, in turns, in one run.
//
//   npm run bench -- --quick                        about two minutes
//   npm run bench -- --quick --work stream          one kind of work: stream, streams, ...
//   npm run bench -- --path '25 ms per hop'         one condition
//   npm run bench -- --peers ours,haproxy-squid     fewer peers
//
// The project's own figures (sizes, times of the extension, vouchers): `npm run bench:figures`.

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runProgram } from '../devnet/run.ts';
import { ownNamespace, runInside } from './conditions/namespace.ts';
import { pathName, slowPath } from './conditions/slow-path.ts';
import { openLab, type Lab } from './lab.ts';
import { measure } from './measure.ts';
import { direct } from './peers/direct.ts';
import { startHaproxy } from './peers/haproxy.ts';
import { startOurs } from './peers/ours.ts';
import { PEER_NAMES, type Peer, type PeerName } from './peers/peer.ts';
import { startSquid } from './peers/squid.ts';
import { startTor } from './peers/tor.ts';
import { createPlan } from './plan.ts';
import { toTable } from './report/table.ts';
import type { Series } from './series.ts';
import type { Work } from './work/work.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** Names of works, separated by commas; all where it is left out. */
    work: { type: 'string', default: '' },
    /** Conditions with this in their name: `25 ms`, `loopback`. */
    path: { type: 'string', default: '' },
    peers: { type: 'string', default: PEER_NAMES.join(',') },
  },
});
const artifacts = join(import.meta.dirname, '..', 'artifacts');
const wanted = new Set(flags.peers.split(','));

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
    const run = { machine, startedAt, load: loadavg(), quick: flags.quick, series: all };
    await writeFile(join(artifacts, 'bench.json'), JSON.stringify(run, undefined, 2));
  }
  console.log(`\n${machine.cores} x ${machine.cpu}, ${machine.memoryGiB} GiB, Node ${machine.node}\n`);
  console.log(toTable(all));
  return 0;
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
