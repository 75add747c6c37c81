// Whether every byte arrives: large downloads through every circuit in turn, compared by SHA-256.

import { download, TRANSFER_BYTES } from '../curl.ts';
import type { Amount, Figure } from '../figure.ts';
import { SITES } from '../../devnet/plan.ts';
import { downloadSha256 } from '../../devnet/sites/download.ts';
import type { Network } from '../../devnet/network.ts';

const RUNS = 20;

export async function measureIntegrity(network: Network, _amount: Amount): Promise<Figure> {
  const wanted = downloadSha256(TRANSFER_BYTES);
  const url = `http://${SITES.media.host}:${network.ports.http}/download?bytes=${TRANSFER_BYTES}`;
  const wrong: string[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const through = network.circuits[run % network.circuits.length];
    try {
      const { bytes, sha256 } = await download(network, { url, through, hash: true });
      if (sha256 !== wanted) wrong.push(`run ${run}: ${bytes} bytes, another hash`);
    } catch (error) {
      wrong.push(`run ${run}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return {
    name: `wrong, cut or reordered in ${RUNS} x ${TRANSFER_BYTES / 1e6} MB`,
    must: '0',
    measured: String(wrong.length),
    reached: wrong.length === 0,
    detail: wrong.length === 0 ? `SHA-256 equal each time, over ${network.circuits.length} circuits` : wrong.join('; '),
  };
}
