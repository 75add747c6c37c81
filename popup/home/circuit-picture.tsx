// The way of a tab's traffic as a picture: you, the entry, the exit, the site, with how long an answer of each relay takes. Each line has its room before it has its figure, so that nothing moves.

import type { JSX } from 'preact';
import { numberOf } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';
import type { HopModel } from '../view-model.ts';

/** @param isInUse false: the tab goes direct. The stops are drawn empty for the eye alone, and nobody is told that it were the way of the tab */
export function CircuitPicture({ hops, isInUse }: { hops: readonly HopModel[]; isInUse: boolean }): JSX.Element {
  return (
    <figure class="way-of-traffic" aria-hidden={isInUse ? undefined : 'true'}>
      <ol class="circuit" aria-label={t('home_way')}>
        {hops.map((hop) => (
          <li key={hop.is} class={hop.lit ? 'hop lit' : 'hop'}>
            <span class="role">{hop.role}</span>
            <span class="name" title={hop.name}>
              <bdi>{hop.name}</bdi>
            </span>
            <Place {...hop} />
            <span class="ms" aria-hidden="true">
              {hop.ms === undefined ? '' : milliseconds(hop.ms)}
            </span>
          </li>
        ))}
      </ol>
      <figcaption class="unseen">{timesOf(hops)}</figcaption>
    </figure>
  );
}

function Place({ region, place }: HopModel): JSX.Element {
  return (
    <span class="place" title={place}>
      {region === undefined ? null : (
        <abbr class="code" aria-hidden="true">
          {region}
        </abbr>
      )}{' '}
      {place ?? ''}
    </span>
  );
}

/** For who cannot see where the figures stand. */
function timesOf(hops: readonly HopModel[]): string {
  const [entry, exit] = hops.slice(1).map(({ ms }) => ms);
  if (entry === undefined) return '';
  return exit === undefined ? t('home_time_entry', { entry }) : t('home_times', { entry, exit });
}

function milliseconds(ms: number): string {
  return numberOf(ms, { style: 'unit', unit: 'millisecond', unitDisplay: 'short', maximumFractionDigits: 0 });
}
