// What artifacts/bench.json holds.

import type { Series } from '../series.ts';

export type Run = {
  machine: { cpu: string; cores: number; memoryGiB: number; kernel: string; node: string };
  /** ISO 8601. */
  startedAt: string;
  /** Of the machine at its end, as uptime(1) has it: others may have worked beside it. */
  load: readonly number[];
  quick: boolean;
  series: Series[];
};
