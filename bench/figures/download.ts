// Speed of one download through two hops beside the same download direct, pair by pair in one run.

import type { Circuit } from '../../src/core/circuit/choose-circuit.ts';
import { download, TRANSFER_BYTES } from '../curl.ts';
import { startOrigin } from '../origin.ts';
import type { Amount, Figure } from '../figure.ts';
import { median, spread } from '../stats.ts';
import type { Network } from '../../devnet/network.ts';

const MUST_RATIO = 0.07;

export async function measureDownload(network: Network, { quick }: Amount): Promise<Figure> {
  const [circuit] = network.circuits;
  if (circuit === undefined) throw new Error('the devnet has no circuit');
  const direct: number[] = [];
  const private_: number[] = [];
  const origin = await startOrigin(TRANSFER_BYTES);
  const measure = async (through: Circuit | undefined): Promise<number> =>
    (await download(network, { url: origin.url, through, hash: false })).megabytesPerSecond;
  try {
    for (let pair = 0; pair < (quick ? 7 : 15); pair += 1) {
      direct.push(await measure(undefined));
      private_.push(await measure(circuit));
    }
  } finally {
    await origin.close();
  }
  const ratios = private_.map((speed, index) => speed / (direct[index] ?? Number.NaN));
  return {
    name: `one ${TRANSFER_BYTES / 1e6} MB download, against direct`,
    must: `>= ${MUST_RATIO}`,
    measured: median(ratios).toFixed(3),
    reached: median(ratios) >= MUST_RATIO,
    detail: `circuit ${spread(private_, 0)} MB/s, direct ${spread(direct, 0)} MB/s, ${ratios.length} pairs, http, curl`,
  };
}
