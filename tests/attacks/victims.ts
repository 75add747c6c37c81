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
/** People, each in a network of their own, none of them the attackers'. So many that together they come as often as one after another can, and none more often than an entry takes from one source (`newPerSecond`). */
const PEOPLE = 32;
const addressOf = (request: number): string => `127.77.${(request % PEOPLE) + 1}.1`;

/** One after another for `ms`, and at least `least` of them. @param address whose they are; missing: of several people in turn */
export async function useFor(
  circuit: Circuit,
  authority: string,
  ms: number,
  { least = 5, address }: { least?: number; address?: string } = {},
): Promise<Served> {
  const served: Served = { ms: [], failures: [] };
  const start = performance.now();
  for (let request = 0; performance.now() - start < ms || request < least; request += 1) {
    const from = performance.now();
    try {
      const tunnel = await openTunnel(circuit, authority, 'h2', address ?? addressOf(request));
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
