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

/** As long as such a line is: the room for it is there before there is any (popup/home/room.tsx). */
const SOME: TrafficLineProps = {
  traffic: { bytes: 888_800_000, cost: '88888' },
  currency: { symbol: 'USDC', decimals: 6 },
};

export function TrafficLine(props: TrafficLineProps): JSX.Element {
  const way = t('activity_title');
  return (
    <p class="traffic room" data-room={`${say(trafficText(SOME))} ${way}`}>
      <span>
        <span data-traffic>{say(trafficText(props))}</span> <a href={hashOf('activity')}>{way}</a>
      </span>
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
