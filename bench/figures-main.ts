// `npm run bench:figures`: the figures that the project promises, measured on the devnet beside a peer in the same run, never a timed test.
//
//   npm run bench:figures -- --quick     about two minutes
//   npm run bench:figures                more samples of each
//   npm run bench:figures -- --only VoucherOverhead

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startNetwork } from '../devnet/network.ts';
import { runProgram } from '../devnet/run.ts';
import { formatTable } from '../devnet/table.ts';
import type { Figure } from './figure.ts';
import { measureBundle } from './figures/bundle-size.ts';
import { measureClickToGreen } from './figures/click-to-green.ts';
import { measureChooseCircuit } from './figures/choose-circuit.ts';
import { measureColdDirectory } from './figures/cold-directory.ts';
import { measureDirectory } from './figures/directory-size.ts';
import { measureDownload } from './figures/download.ts';
import { measureFirstByte } from './figures/first-byte.ts';
import { measureIntegrity } from './figures/integrity.ts';
import { measureParallelRequests } from './figures/parallel-requests.ts';
import { measurePopup } from './figures/popup.ts';
import { measureRelayCost } from './figures/relay-cost.ts';
import { measureVoucherCheck } from './figures/voucher-check.ts';
import { measureVoucherOverhead } from './figures/voucher-overhead.ts';
import { measureVoucherStored } from './figures/voucher-stored.ts';

/** Ports of its own, so that it runs beside `npm start`. */
const PORT_BASE = 12_000;

/** Of the network whose relays are paid. */
const PAID_PORT_BASE = 15_000;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** Only figures whose step has this in its name. */
    only: { type: 'string', default: '' },
  },
});
const artifacts = join(import.meta.dirname, '..', 'artifacts');

await runProgram('bench', async ({ defer }) => {
  await mkdir(artifacts, { recursive: true });
  const network = await startNetwork({ portBase: PORT_BASE, logs: join(artifacts, 'bench-logs') });
  defer(() => network.close());
  const paid = { portBase: PAID_PORT_BASE, logs: join(artifacts, 'bench-logs-paid') };
  const amount = { quick: values.quick };
  const steps: (() => Figure | Promise<Figure | Figure[]>)[] = [
    () => measureDownload(network, amount),
    () => measureIntegrity(network, amount),
    () => measureFirstByte(network, amount),
    () => measureClickToGreen(network, amount),
    () => measurePopup(network, 'chromium', amount),
    () => measurePopup(network, 'firefox', amount),
    () => measureDirectory(),
    () => measureChooseCircuit(network),
    () => measureColdDirectory({ portBase: PAID_PORT_BASE }, amount),
    () => measureBundle(),
    () => measureParallelRequests(network),
    () => measureRelayCost(network, amount),
    () => measureVoucherCheck(amount),
    () => measureVoucherStored(artifacts),
    () => measureVoucherOverhead(paid, amount),
  ];
  const figures: Figure[] = [];
  for (const step of steps.filter((each) => String(each).includes(values.only))) {
    for (const figure of [await step()].flat()) {
      console.error(`${figure.name}: ${figure.measured} (${figure.must}); ${figure.detail}`);
      figures.push(figure);
    }
  }
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  await writeFile(join(artifacts, 'bench.json'), JSON.stringify({ machine, ...amount, figures }, undefined, 2));
  const rows = figures.map(({ name, must, measured, reached }) => [name, must, measured, reached ? 'yes' : 'NO']);
  console.log(
    `\n${machine.cores} x ${machine.cpu ?? 'unknown'}, ${machine.memoryGiB} GiB, Node ${machine.node}, loopback\n`,
  );
  console.log(formatTable([['figure', 'must', 'measured', 'reached'], ...rows]));
  return figures.every(({ reached }) => reached) ? 0 : 1;
});
