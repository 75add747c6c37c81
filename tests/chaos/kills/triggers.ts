// When to kill: after a while, after so many bytes, at a moment of the payer's work, or on a question to the chain. Drawn once for each kill.

import type { Random } from './random.ts';
import { MOMENTS, type Moment } from './payer-protocol.ts';
import type { Victim, World } from './world.ts';

export type StepName = 'open' | 'pay' | 'top-up' | 'close';

export type Trigger =
  | { by: 'time'; ms: number }
  | { by: 'bytes'; bytes: number }
  | { by: 'moment'; moment: Moment; count: number; afterMs: number }
  | { by: 'question'; when: 'asked' | 'answered'; sending: boolean; count: number };

/** How long such a step takes where nobody dies, and somewhat more. */
const STEP_MS: Record<StepName, number> = { open: 400, pay: 500, 'top-up': 300, close: 600 };
const MIB = 1_048_576;

export function drawTrigger(random: Random, step: StepName, bytes: number): Trigger {
  const kinds = step === 'pay' ? (['time', 'bytes', 'bytes', 'moment', 'question'] as const) : KINDS;
  switch (random.pick(kinds)) {
    case 'time':
      return { by: 'time', ms: random.draw() * STEP_MS[step] };
    case 'bytes':
      return { by: 'bytes', bytes: random.between(1, Math.max(bytes, MIB)) };
    case 'moment':
      return {
        ...{ by: 'moment', moment: random.pick(MOMENTS), count: random.between(1, 4) },
        afterMs: random.pick([0, 0, random.draw() * 3, random.draw() * 20]),
      };
    case 'question':
      return {
        ...{ by: 'question', when: random.pick(['asked', 'answered'] as const) },
        ...{ sending: random.draw() < 0.5, count: random.between(1, 3) },
      };
  }
}

const KINDS = ['time', 'time', 'moment', 'moment', 'question'] as const;

/**
 * Waits for the trigger and strikes. The payer strikes itself at moments of its own, which is more exact than any message could be.
 * @returns takes it back, where it has not struck
 */
export async function arm(
  world: World,
  victim: Victim,
  trigger: Trigger,
  strike: () => Promise<void>,
): Promise<() => void> {
  switch (trigger.by) {
    case 'time': {
      const timer = setTimeout(() => void strike(), trigger.ms);
      return () => clearTimeout(timer);
    }
    case 'bytes': {
      const at = world.browser.total + trigger.bytes;
      world.browser.onBytes = (total) => {
        if (total >= at) void strike();
      };
      return () => void (world.browser.onBytes = undefined);
    }
    case 'moment': {
      const { moment, afterMs } = trigger;
      if (victim === 'payer') {
        await world.payer.dieAt({ moment, count: trigger.count, afterMs });
        void world.payer.ended.then(strike);
        return () => undefined;
      }
      let left = trigger.count;
      let timer: NodeJS.Timeout | undefined;
      world.onPayer = (message) => {
        if (message.is !== 'moment' || message.moment !== moment || (left -= 1) !== 0) return;
        if (afterMs === 0) void strike();
        else timer = setTimeout(() => void strike(), afterMs);
      };
      return () => {
        world.onPayer = undefined;
        clearTimeout(timer);
      };
    }
    case 'question': {
      let left = trigger.count;
      world.node.onQuestion = (when, method) => {
        if (when !== trigger.when || (trigger.sending && method !== 'eth_sendRawTransaction')) return undefined;
        left -= 1;
        return left === 0 ? strike() : undefined;
      };
      return () => void (world.node.onQuestion = undefined);
    }
  }
}

export function describe(trigger: Trigger): string {
  switch (trigger.by) {
    case 'time':
      return `after ${trigger.ms.toFixed(1)} ms`;
    case 'bytes':
      return `after ${(trigger.bytes / MIB).toFixed(2)} MiB`;
    case 'moment':
      return `${trigger.afterMs.toFixed(1)} ms after ${trigger.moment} ${trigger.count} of the payer`;
    case 'question':
      return `${trigger.sending ? 'transaction' : 'question'} ${trigger.count} ${trigger.when}`;
  }
}
