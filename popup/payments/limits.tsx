// The person's limits. They hold where the voucher is signed, not here: this form only says what they are to be.

import type { JSX } from 'preact';
import { createRef } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { LimitsView, PaymentStatus } from '../../src/core/payment/payment-status.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';
import { parseMoney, toDecimal } from '../money.ts';
import { Field, Form, View, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';

const NAMES = ['perDay', 'perSession', 'askAbovePerGb'] as const satisfies (keyof LimitsView)[];
const LABELS: Readonly<Record<keyof LimitsView, MessageKey>> = {
  perDay: 'pay_limits_per_day',
  perSession: 'pay_limits_per_session',
  askAbovePerGb: 'pay_limits_ask_above',
};

export type LimitsProps = { status: PaymentStatus; refresh: () => Promise<void> };

export function Limits({ status: { limits, network }, refresh }: LimitsProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const [wrong, setWrong] = useState(false);
  const [saved, setSaved] = useState(false);
  const fields = useMemo(() => NAMES.map(() => createRef<HTMLInputElement>()), []);
  const save = (): void => {
    const [perDay, perSession, askAbovePerGb] = fields.map((field) =>
      parseMoney(field.current?.value ?? '', network.decimals),
    );
    const isNonsense = perDay === undefined || perSession === undefined || askAbovePerGb === undefined;
    setWrong(isNonsense);
    setSaved(false);
    if (isNonsense) return;
    run(async () => {
      await ask('payments/set-limits', { limits: { perDay, perSession, askAbovePerGb } });
      setSaved(true);
      await refresh();
    });
  };
  return (
    <View route="wallet/limits" title={t('pay_limits_title')}>
      <p>{t('pay_limits_about')}</p>
      <Form
        {...{ label: t('pay_limits_save'), busy, onSubmit: save }}
        error={wrong ? t('pay_amount_nonsense') : wordsFor(error)}
      >
        {NAMES.map((name, at) => (
          <Field
            key={name}
            {...{ name, label: t(LABELS[name], { symbol: network.symbol }), inputMode: 'decimal', first: at === 0 }}
            field={fields[at] ?? createRef<HTMLInputElement>()}
            value={toDecimal(limits[name], network.decimals)}
          />
        ))}
      </Form>
      <p role="status">{saved ? t('pay_limits_saved') : ''}</p>
    </View>
  );
}
