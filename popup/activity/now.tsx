// The last minute as a plot, and the same in words for who cannot see it or wants nothing to move. It is drawn anew each second and never animated.

import type { JSX } from 'preact';
import { bytesText } from '../../src/text/bytes.ts';
import { t } from '../../src/text/translate.ts';
import { Part } from './part.tsx';

/** Of the drawing, not of the screen: it is stretched to its place. */
const HEIGHT = 40;
/** Below it the plot shows no mountains: a minute without traffic is flat. */
const LEAST_TOP = 10_000;

export function Now({ seconds }: { seconds: readonly number[] }): JSX.Element {
  const all = seconds.reduce((sum, bytes) => sum + bytes, 0);
  const most = Math.max(0, ...seconds);
  const summary = t('activity_now_speed', { bytes: bytesText(all), rate: bytesText(most) });
  return (
    <Part id="now" title={t('activity_now')}>
      <svg
        class="plot live"
        viewBox={`0 0 ${seconds.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('activity_now_plot', { summary })}
      >
        <polygon points={outline(seconds)} />
      </svg>
      <p data-now>{summary}</p>
    </Part>
  );
}

function outline(seconds: readonly number[]): string {
  const top = Math.max(LEAST_TOP, ...seconds);
  const points = seconds.map((bytes, at) => `${at},${(HEIGHT - (bytes / top) * HEIGHT).toFixed(1)}`);
  return [`0,${HEIGHT}`, ...points, `${seconds.length - 1},${HEIGHT}`].join(' ');
}
