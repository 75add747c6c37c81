// What each open private tab has used, by the title that the browser has for it.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ActivityView } from '../../src/core/activity/activity-view.ts';
import { bytesText } from '../../src/text/bytes.ts';
import { t } from '../../src/text/translate.ts';
import { useIsThere, useShell } from '../shell.ts';
import { costText, Part } from './part.tsx';

const NO_TITLES: ReadonlyMap<number, string> = new Map();

export function Tabs({ view: { tabs, currency } }: { view: ActivityView }): JSX.Element {
  const { titlesOf } = useShell();
  const isThere = useIsThere();
  const [titles, setTitles] = useState(NO_TITLES);
  useEffect(() => {
    titlesOf(tabs.map(({ tab }) => tab)).then(
      (found) => isThere() && setTitles(found),
      // A tab that cannot be named is still counted.
      () => undefined,
    );
  }, [tabs]);
  return (
    <Part id="tabs" title={t('activity_tabs')}>
      {tabs.length === 0 ? (
        <p>{t('activity_tabs_none')}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('activity_tab')}</th>
              <th scope="col">{t('activity_bytes')}</th>
              <th scope="col">{t('activity_cost')}</th>
            </tr>
          </thead>
          <tbody>
            {tabs.map(({ tab, bytes, cost }) => (
              <tr key={tab}>
                <th scope="row">{titles.get(tab) ?? t('activity_tab_unnamed')}</th>
                <td>{bytesText(bytes)}</td>
                <td>{costText(cost, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Part>
  );
}
