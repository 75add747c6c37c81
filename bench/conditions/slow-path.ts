// The bench's loopback as a network of long lines: every two programs are one hop apart, of so much delay each way, and what goes direct from the client to a
// site takes as many hops as our circuit does: the path has the same length, with and without relays. netem would do it, but kernels are built without it
// (this bench was written on one): bench/slow-network/delay-line.c does it from a queue of netfilter, behind the sending side, so that TCP sees packets leave.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Lab } from '../lab.ts';
import { CLIENT_ADDRESS, SITE_RANGE } from '../peers/plan.ts';
import type { PathPlan } from './paths.ts';

const run = promisify(execFile);
const SOURCE = join(import.meta.dirname, '..', 'slow-network', 'delay-line.c');

/** Client to entry, entry to exit, exit to site. */
export const OUR_HOPS = 3;

/** Makes the network slow; the function that is returned makes it fast again. */
export async function slowPath({ folder, lifeline }: Lab, plan: PathPlan): Promise<() => Promise<void>> {
  const program = join(folder, 'delay-line');
  await run('gcc', ['-O2', '-o', program, SOURCE, '-lnetfilter_queue', '-lmnl']);
  const loss = plan.lossPercent > 0 ? ['--loss', String(plan.lossPercent)] : [];
  const rate = plan.rateMbit === undefined ? [] : ['--rate', String(plan.rateMbit)];
  const far = ['--far', CLIENT_ADDRESS, SITE_RANGE.replace(/\/\d+$/, ''), String(OUR_HOPS)];
  const line = spawn(program, [String(plan.delayMs), ...loss, ...rate, ...far], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (line.pid !== undefined) lifeline.holdPid(line.pid);
  await once(line.stdout, 'data');
  // Loopback's own 65,536 would lose 45 packets at once.
  await run('ip', ['link', 'set', 'lo', 'mtu', '1500']);
  for (const rule of RULES) await run('iptables-legacy', ['-A', 'INPUT', ...rule]);
  return async () => {
    await run('iptables-legacy', ['-F', 'INPUT']);
    await run('ip', ['link', 'set', 'lo', 'mtu', '65536']);
    line.stdin.end();
    await once(line, 'close');
    if (line.pid !== undefined) lifeline.dropPid(line.pid);
  };
}

const RULES = [
  // curl or Chromium and Tor's client are on one machine.
  ['-i', 'lo', '-s', CLIENT_ADDRESS, '-d', CLIENT_ADDRESS, '-j', 'ACCEPT'],
  // Names are known at the exit's side for everybody: TCP alone is slow.
  ['-i', 'lo', '-p', 'tcp', '-j', 'NFQUEUE', '--queue-num', '0', '--queue-bypass'],
];
