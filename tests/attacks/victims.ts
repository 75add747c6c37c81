// The others: clients of the relays that are attacked, who ask for something small again and again, each time in a tunnel of its own.

import { openTunnel, happens, type Circuit } from '../soak/tunnel.ts';

export type Served = {
  /** From the connection's beginning to the answer, ms, in the order in which they came. */
  ms: number[];
  failures: string[];
};

/** A browser's user waits that long and no longer. */
const PATIENCE_MS = 10_000;
const BYTES = 200;
/** Not one of the attackers' network. */
const ADDRESS = '127.77.1.1';

/** One after another for `ms`, and at least `least` of them. */
export async function useFor(
  circuit: Circuit,
  authority: string,
  ms: number,
  { least = 5, address = ADDRESS } = {},
): Promise<Served> {
  const served: Served = { ms: [], failures: [] };
  const start = performance.now();
  while (performance.now() - start < ms || served.ms.length + served.failures.length < least) {
    const from = performance.now();
    try {
      const tunnel = await openTunnel(circuit, authority, 'h2', address);
      tunnel.stream.write(Buffer.concat([Buffer.from('echo\n'), Buffer.alloc(BYTES, 'x')]));
      for (let back = 0; back < BYTES;) {
        const [chunk] = (await happens(tunnel.stream, 'data', PATIENCE_MS)) as [Buffer];
        back += chunk.length;
      }
      tunnel.cut();
      served.ms.push(performance.now() - from);
    } catch (error) {
      served.failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  return served;
}

/** The value that the share of `values` does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
