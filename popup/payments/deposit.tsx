// An amount, and at once what would be signed for it: opening the view and signing are the two clicks of a deposit.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { least, most, parseAmount } from '../../src/core/payment/amount.ts';
import type { DepositQuestion, PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { t } from '../../src/text/translate.ts';
import { parseMoney, showMoney, toDecimal } from '../money.ts';
import { Field, Form, View, wordsFor } from '../parts.tsx';
import { useAction, useIsThere, useShell } from '../shell.ts';
import { SignedStruct } from './question.tsx';

/** Whole units of the token: some 15 to 20 GB at the price that relays begin with, and not more than one lends a stranger. */
const USUAL_DEPOSIT = 2n;

/** What the field begins with: the usual, within what the relay takes and the wallet has. */
export function proposedDeposit({ network, entry, balance }: PaymentStatus): bigint {
  const usual = USUAL_DEPOSIT * 10n ** BigInt(network.decimals);
  const lowest = parseAmount(entry?.minDeposit ?? '0');
  const highest = balance.is === 'known' ? parseAmount(balance.amount) : usual;
  return most(lowest, least(usual, highest));
}

export type DepositProps = { status: PaymentStatus; refresh: () => Promise<void> };

export function Deposit({ status, refresh }: DepositProps): JSX.Element {
  const { ask, go } = useShell();
  const { busy, error, run } = useAction();
  const isThere = useIsThere();
  const field = useRef<HTMLInputElement>(null);
  const [question, setQuestion] = useState<DepositQuestion | null>(status.deposit);
  const [wrong, setWrong] = useState<string>();
  const { network, entry } = status;
  const lowest = entry?.minDeposit ?? null;
  const proposed = question?.amount ?? proposedDeposit(status).toString();

  const look = (text: string): void => {
    const amount = parseMoney(text, network.decimals);
    setQuestion(null);
    setWrong(undefined);
    if (amount === undefined || amount === '0') setWrong(t('pay_amount_nonsense'));
    else if (lowest !== null && BigInt(amount) < BigInt(lowest))
      setWrong(t('pay_deposit_at_least', { money: showMoney(lowest, network) }));
    else {
      run(async () => {
        isUnanswered.current = true;
        const asked = await ask('payments/ask-deposit', { amount });
        // Typed on meanwhile: what would be signed is not what stands in the field.
        if (!isThere() || parseMoney(field.current?.value ?? '', network.decimals) !== amount) return;
        if (asked.message.value === amount) setQuestion(asked);
        else setWrong(t('pay_deposit_differs'));
      });
    }
  };
  /** It was asked here and has no answer: whoever leaves has refused. */
  const isUnanswered = useRef(false);
  useEffect(() => {
    if (question === null) look(toDecimal(proposed, network.decimals));
    return () => {
      if (isUnanswered.current) ask('payments/refuse-deposit', {}).catch(() => undefined);
    };
  }, []);
  const done = async (): Promise<void> => {
    isUnanswered.current = false;
    await refresh();
    go('wallet');
  };
  const note = t('pay_deposit_note', { symbol: network.symbol });
  const trouble = wrong ?? wordsFor(error);
  return (
    <View route="wallet/deposit" title={t('pay_deposit_title')}>
      <Form
        {...{ label: t('pay_deposit_look'), busy, error: trouble, onSubmit: () => look(field.current?.value ?? '') }}
      >
        <Field
          {...{ name: 'amount', label: t('pay_deposit_amount'), field, note, inputMode: 'decimal', first: true }}
          value={toDecimal(proposed, network.decimals)}
          onInput={() => setQuestion(null)}
        />
      </Form>
      {question === null ? null : <SignedStruct {...{ question, network, onConfirmed: done, onRefused: done }} />}
    </View>
  );
}
