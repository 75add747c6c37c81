// Speed of one download through two hops beside the same download direct, pair by pair in one run.

import { download, TRANSFER_BYTES } from '../curl.ts';
import type { Amount, Figure } from '../figure.ts';
import { median, spread } from '../stats.ts';
import type { Network } from '../../devnet/network.ts';

const MUST_RATIO = 0.07;

export async function measureDownload(network: Network, { quick }: Amount): Promise<Figure> {
  const [circuit] = network.circuits;
  if (circuit === undefined) throw new Error('the devnet has no circuit');
  const direct: number[] = [];
  const private_: number[] = [];
  for (let pair = 0; pair < (quick ? 5 : 11); pair += 1) {
    direct.push((await download(network, { through: undefined, hash: false })).megabytesPerSecond);
    private_.push((await download(network, { through: circuit, hash: false })).megabytesPerSecond);
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
