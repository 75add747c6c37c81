// Today and the last 30 days, as bars and as a table, and the switch that keeps them: off deletes what is kept.

import type { JSX } from 'preact';
import type { ActivityView, DayView } from '../../src/core/activity/activity-view.ts';
import { bytesText } from '../../src/text/bytes.ts';
import { timeOf } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';
import { Trouble, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { costText, Part } from './part.tsx';

const DAY_MS = 86_400_000;
const HEIGHT = 40;
/** So that a day with little traffic is told from one with none. */
const LEAST_BAR = 1;

export function Days({ view, onView }: { view: ActivityView; onView: (view: ActivityView) => void }): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const { keepsDays, days } = view;
  const today = days.at(-1);
  const set = (wanted: boolean): void => run(async () => onView(await ask('activity/keep-days', { wanted })));
  return (
    <Part id="days" title={t('activity_days')}>
      {today === undefined ? (
        <p data-today>{t('activity_not_kept')}</p>
      ) : (
        <>
          <p data-today>
            {t('activity_today', { bytes: bytesText(today.bytes), cost: costText(today.spent, view.currency) })}
          </p>
          <Bars days={days} />
          <Table view={view} />
        </>
      )}
      <label>
        <input
          type="checkbox"
          name="keep-days"
          checked={keepsDays}
          disabled={busy}
          aria-describedby="keep-days-note"
          onChange={(event) => set(event.currentTarget.checked)}
        />
        {t('activity_keep')}
      </label>
      <p class="note" id="keep-days-note">
        {t('activity_keep_note')}
      </p>
      <Trouble words={wordsFor(error)} />
    </Part>
  );
}

function Bars({ days }: { days: readonly DayView[] }): JSX.Element {
  const top = Math.max(1, ...days.map(({ bytes }) => bytes));
  return (
    <svg
      class="plot bars"
      viewBox={`0 0 ${days.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t('activity_days_plot')}
    >
      {days.map(({ day, bytes }, at) => {
        const height = bytes === 0 ? 0 : Math.max(LEAST_BAR, (bytes / top) * HEIGHT);
        return <rect key={day} x={at + 0.1} width={0.8} y={HEIGHT - height} height={height} />;
      })}
    </svg>
  );
}

function Table({ view: { days, currency } }: { view: ActivityView }): JSX.Element {
  const used = days.filter(({ bytes, spent }) => bytes > 0 || spent !== '0').toReversed();
  return (
    <details>
      <summary>{t('activity_days_table')}</summary>
      {used.length === 0 ? (
        <p>{t('activity_days_none')}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('activity_day')}</th>
              <th scope="col">{t('activity_bytes')}</th>
              <th scope="col">{t('activity_cost')}</th>
            </tr>
          </thead>
          <tbody>
            {used.map(({ day, bytes, spent }) => (
              <tr key={day}>
                <th scope="row">{dayText(day)}</th>
                <td>{bytesText(bytes)}</td>
                <td>{costText(spent, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

/** The number is of this device's own days, so that no zone may move it once more. */
function dayText(day: number): string {
  return timeOf(day * DAY_MS, { dateStyle: 'medium', timeZone: 'UTC' });
}
