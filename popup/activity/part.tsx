// What the view of activity is made of: a part with its heading, and amounts in words.

import type { ComponentChildren, JSX } from 'preact';
import type { Units } from '../../src/core/payment/payment-status.ts';
import { t } from '../../src/text/translate.ts';
import { showMoney, type Currency } from '../money.ts';

/** One part of the view, named by its heading. */
export function Part({ id, title, children }: { id: string; title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section aria-labelledby={`activity-${id}`} data-part={id}>
      <h2 id={`activity-${id}`}>{title}</h2>
      {children}
    </section>
  );
}

/** `free`, or about so much. */
export function costText(cost: Units, currency: Currency): string {
  return cost === '0' ? t('activity_free') : t('activity_cost_about', { cost: showMoney(cost, currency) });
}
