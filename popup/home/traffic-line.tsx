// The first view's line of what this tab has used: what is known to have passed, about what it cost, and the way to the rest. Its height is the same whatever is known.

import type { JSX } from 'preact';
import type { TabTraffic } from '../../src/core/activity/activity-view.ts';
import { text, type Text } from '../../src/core/text/text.ts';
import { bytesText } from '../../src/text/bytes.ts';
import { say, t } from '../../src/text/translate.ts';
import { showMoney, type Currency } from '../money.ts';
import { hashOf } from '../route.ts';

export type TrafficLineProps = {
  traffic: TabTraffic | undefined;
  /** Undefined: not known yet, and no cost is said. */
  currency: Currency | undefined;
};

export function TrafficLine(props: TrafficLineProps): JSX.Element {
  return (
    <p class="traffic">
      <span data-traffic>{say(trafficText(props))}</span> <a href={hashOf('activity')}>{t('activity_title')}</a>
    </p>
  );
}

export function trafficText({ traffic, currency }: TrafficLineProps): Text {
  if (traffic === undefined) return text('activity_tab_none');
  const bytes = bytesText(traffic.bytes);
  if (traffic.cost === '0') return text('activity_tab_free', { bytes });
  if (currency === undefined) return text('activity_tab_bytes', { bytes });
  return text('activity_tab_paid', { bytes, cost: showMoney(traffic.cost, currency) });
}
