// What went through each entry in use and the exits behind it, and what either gets of it.

import type { JSX } from 'preact';
import type { ActivityView, HopTraffic } from '../../src/core/activity/activity-view.ts';
import { bytesText } from '../../src/text/bytes.ts';
import { listOf, regionName } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';
import type { Currency } from '../money.ts';
import { costText, Part } from './part.tsx';

export function Hops({ view: { hops, currency } }: { view: ActivityView }): JSX.Element {
  return (
    <Part id="hops" title={t('activity_hops')}>
      {hops.length === 0 ? (
        <p>{t('activity_hops_none')}</p>
      ) : (
        <dl>
          {hops.map((hop) => (
            <Hop key={hop.entry.operator} {...{ hop, currency }} />
          ))}
        </dl>
      )}
      <p class="note">{t('activity_hops_note')}</p>
    </Part>
  );
}

function Hop({ hop, currency }: { hop: HopTraffic; currency: Currency }): JSX.Element {
  const { entry, exits, atEntry, atExit } = hop;
  const bytes = bytesText(hop.bytes);
  return (
    <>
      <div>
        <dt>{t('activity_hop_entry', { operator: entry.operator, region: regionName(entry.region) })}</dt>
        <dd>{t('activity_hop_cost', { bytes, cost: costText(atEntry, currency) })}</dd>
      </div>
      <div>
        <dt>{t('activity_hop_exits', { operators: listOf(exits) })}</dt>
        <dd>{t('activity_hop_cost', { bytes, cost: costText(atExit, currency) })}</dd>
      </div>
    </>
  );
}
