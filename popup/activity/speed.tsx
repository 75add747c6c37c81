// The speed test: what it costs is said before, the person confirms, and may end it at any time. What comes of it is told by the worker; a run that the worker knows nothing
// of any more ended with it.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ActivityView } from '../../src/core/activity/activity-view.ts';
import { DOWN_BYTES, UP_BYTES, type SpeedFailure, type SpeedView } from '../../src/core/activity/speed.ts';
import { text, type MessageKey, type Text } from '../../src/core/text/text.ts';
import { bytesText } from '../../src/text/bytes.ts';
import { numberOf } from '../../src/text/formats.ts';
import { say, t } from '../../src/text/translate.ts';
import { showMoney } from '../money.ts';
import { Button, Trouble, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { Part } from './part.tsx';

const MIB = 1_048_576n;
const MEGA = 1_000_000;
const ALL_BYTES = DOWN_BYTES + UP_BYTES;

export function Speed({ view, onSpeed }: { view: ActivityView; onSpeed: (speed: SpeedView) => void }): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const [isAsking, setAsking] = useState(false);
  /** The run that was seen to go on. */
  const [seen, setSeen] = useState<string>();
  const { speed, price } = view;
  if (speed.is === 'running' && speed.run !== seen) setSeen(speed.run);
  const isLost = seen !== undefined && (speed.is === 'none' || speed.run !== seen);

  const start = (): void =>
    run(async () => {
      setAsking(false);
      onSpeed(await ask('activity/start-speed', {}));
    });
  const cancel = (): void => run(async () => onSpeed(await ask('activity/cancel-speed', {})));

  return (
    <Part id="speed" title={t('activity_speed')}>
      <p role="status" data-speed={isLost ? 'lost' : speed.is}>
        {say(isLost ? text('activity_speed_lost') : speedText(speed))}
      </p>
      <Trouble words={wordsFor(error)} />
      {speed.is === 'running' ? (
        <Button action="cancel-speed" onClick={cancel}>
          {t('activity_speed_cancel')}
        </Button>
      ) : isAsking ? (
        <>
          <p data-speed-cost>{say(costText(price, view))}</p>
          <p class="ways">
            <Button action="start-speed" busy={busy} onClick={start}>
              {t('activity_speed_start')}
            </Button>
            <Button action="refuse-speed" onClick={() => setAsking(false)}>
              {t('activity_speed_refuse')}
            </Button>
          </p>
        </>
      ) : price === null ? null : (
        <Button action="ask-speed" busy={busy} onClick={() => setAsking(true)}>
          {t('activity_speed_ask')}
        </Button>
      )}
    </Part>
  );
}

/** Rounded up to what the entry will ask: nobody is told less. */
function costText(price: ActivityView['price'], { currency }: ActivityView): Text {
  const bytes = bytesText(ALL_BYTES);
  const units = (BigInt(ALL_BYTES) * BigInt(price?.perMib ?? '0') + MIB - 1n) / MIB;
  if (units > 0n) return text('activity_speed_costs', { bytes, cost: showMoney(units.toString(), currency) });
  const free = price?.freeBytes ?? null;
  return free === null
    ? text('activity_speed_free', { bytes })
    : text('activity_speed_quota', { bytes, left: bytesText(free) });
}

function speedText(speed: SpeedView): Text {
  if (speed.is === 'none') return text('activity_speed_about');
  if (speed.is === 'failed') return text(FAILURE_KEYS[speed.why]);
  if (speed.is === 'running') {
    if (speed.phase === 'latency') return text('activity_speed_latency');
    if (speed.phase === 'down') return text('activity_speed_down', { bytes: bytesText(speed.bytes) });
    return text('activity_speed_up');
  }
  const { latencyMs, downBitsPerSecond, upBitsPerSecond } = speed;
  const values = { latency: millis(latencyMs), down: megabits(downBitsPerSecond) };
  return upBitsPerSecond === null
    ? text('activity_speed_done_down', values)
    : text('activity_speed_done', { ...values, up: megabits(upBitsPerSecond) });
}

const FAILURE_KEYS: Record<SpeedFailure, MessageKey> = {
  'no-circuit': 'activity_speed_failed_no_circuit',
  'circuit-changed': 'activity_speed_failed_changed',
  cancelled: 'activity_speed_failed_cancelled',
  'not-offered': 'activity_speed_failed_not_offered',
  'too-often': 'activity_speed_failed_too_often',
  'no-answer': 'activity_speed_failed_no_answer',
};

/** `Mbit/s` is written so in all languages that there are. */
function megabits(bitsPerSecond: number): string {
  return numberOf(bitsPerSecond / MEGA, { maximumFractionDigits: 1 });
}

function millis(ms: number): string {
  return numberOf(ms, { maximumFractionDigits: 0 });
}
