// The one question before money moves. What it shows is the struct that the wallet will sign, field by field; the sentence above is made from it too.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DepositQuestion, PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { t } from '../../src/text/translate.ts';
import { showMoney } from '../money.ts';
import { Button, Form, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { showDuration, showTime } from '../times.ts';
import { networkTitle } from './network-title.ts';

const SECOND_MS = 1000;

export type SignedStructProps = {
  question: DepositQuestion;
  network: PaymentStatus['network'];
  /** Both lead to where the question is asked no more. */
  onConfirmed: () => Promise<void>;
  onRefused: () => Promise<void>;
};

export function SignedStruct({ question, network, onConfirmed, onRefused }: SignedStructProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const [renew, setRenew] = useState(false);
  const hangsTogether = isConsistent(question, network);
  const money = showMoney(question.message.value, network);
  const confirm = (): void =>
    run(async () => {
      await ask('payments/confirm-deposit', { id: question.id, renew: renew && question.renewal !== null });
      await onConfirmed();
    });
  const refuse = (): void =>
    run(async () => {
      await ask('payments/refuse-deposit', {});
      await onRefused();
    });
  const { first, rest } = structRows(question, question.message, money, networkTitle(network.name));
  return (
    <section class="question">
      <h2>{t('pay_deposit_question')}</h2>
      <p>
        {t('pay_deposit_sentence', { money, operator: question.payee.operator, network: networkTitle(network.name) })}{' '}
        {question.isTopUp ? t('pay_deposit_top_up') : ''}
      </p>
      <Rows rows={first} />
      <details>
        <summary>{t('pay_signed_whole')}</summary>
        <Rows rows={rest} />
      </details>
      {question.renewal === null ? null : (
        <Renewal {...{ question, renewal: question.renewal, network, renew, setRenew }} />
      )}
      <Form
        {...{
          label: renew ? t('pay_deposit_confirm_both') : t('pay_deposit_confirm'),
          busy,
          blocked: !hangsTogether,
          onSubmit: confirm,
        }}
        error={hangsTogether ? wordsFor(error) : t('pay_deposit_differs')}
      />
      <Button action="refuse" busy={busy} onClick={refuse}>
        {t('pay_deposit_refuse')}
      </Button>
    </section>
  );
}

/**
 * Whether the struct, its domain and its channel tell the same as the words beside them. The worker made one from the other; where they differ, one of
 * them is not what the person is told, and nothing is signed.
 */
export function isConsistent(question: DepositQuestion, network: PaymentStatus['network']): boolean {
  const { message, domain, config, renewal } = question;
  return (
    message.value === question.amount &&
    question.symbol === network.symbol &&
    question.network === network.title &&
    domain.chainId === network.chainId &&
    isSame(domain.verifyingContract, config.token) &&
    isSame(message.from, config.payer) &&
    (renewal === null || isSameWay(renewal, question))
  );
}

/** Whether what is signed ahead goes from the same account to the same contract, and is as much as its words say and not more than the deposit. */
function isSameWay({ amount, message }: NonNullable<DepositQuestion['renewal']>, question: DepositQuestion): boolean {
  return (
    message.value === amount &&
    BigInt(message.value) <= BigInt(question.message.value) &&
    isSame(message.from, question.message.from) &&
    isSame(message.to, question.message.to)
  );
}

type RenewalProps = {
  question: DepositQuestion;
  renewal: NonNullable<DepositQuestion['renewal']>;
  network: PaymentStatus['network'];
  renew: boolean;
  setRenew: (renew: boolean) => void;
};

/** What may be signed ahead beside the deposit, from the second struct. Off until it is ticked: it moves money later, without another question. */
function Renewal({ question, renewal: { message }, network, renew, setRenew }: RenewalProps): JSX.Element {
  const money = showMoney(message.value, network);
  const until = showTime(message.validBefore * SECOND_MS);
  const { first, rest } = structRows(question, message, money, networkTitle(network.name));
  return (
    <div class="renewal">
      <label>
        <input
          type="checkbox"
          name="renew"
          checked={renew}
          aria-describedby="renew-note"
          onChange={(event) => setRenew(event.currentTarget.checked)}
        />
        {t('pay_renew')}
      </label>
      <p class="note" id="renew-note">
        {t('pay_renew_note', { money, until })}
      </p>
      {renew ? (
        <>
          <p>{t('pay_renew_sentence', { money, operator: question.payee.operator, until })}</p>
          <details>
            <summary>{t('pay_renew_whole')}</summary>
            <Rows rows={[...first, ...rest]} name="struct-ahead" />
          </details>
        </>
      ) : null}
    </div>
  );
}

/** Addresses are written with a checksum in their letters' case, or without. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Name of the field, what it is called, and its value in words. */
type Row = readonly [field: string, name: string, value: string];

function Rows({ rows, name = 'struct' }: { rows: readonly Row[]; name?: string }): JSX.Element {
  return (
    <dl class={name}>
      {rows.map(([field, name, value]) => (
        <div key={field} data-field={field}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Every field of the struct, the domain that it is signed in, and the channel that its number is made from. */
function structRows(
  question: DepositQuestion,
  message: DepositQuestion['message'],
  money: string,
  network: string,
): { first: Row[]; rest: Row[] } {
  const { payee, channel, domain, config } = question;
  const time = (seconds: number): string => (seconds === 0 ? t('pay_signed_at_once') : showTime(seconds * SECOND_MS));
  return {
    first: [
      ['value', t('pay_signed_value'), money],
      ['relay', t('pay_signed_relay'), t('pay_signed_relay_is', { ...payee })],
      ['network', t('pay_signed_network'), t('pay_signed_network_is', { network, chain: domain.chainId })],
      ['validBefore', t('pay_signed_valid_before'), time(message.validBefore)],
      [
        'withdrawDelay',
        t('pay_signed_withdraw_delay'),
        t('pay_signed_withdraw_delay_is', { delay: showDuration(config.withdrawDelay) }),
      ],
    ],
    rest: [
      ['from', t('pay_signed_from'), message.from],
      ['to', t('pay_signed_to'), message.to],
      ['validAfter', t('pay_signed_valid_after'), time(message.validAfter)],
      ['nonce', t('pay_signed_nonce'), message.nonce],
      [
        'token',
        t('pay_signed_token'),
        t('pay_signed_token_is', { name: domain.name, version: domain.version, contract: domain.verifyingContract }),
      ],
      ['channel', t('pay_signed_channel'), channel],
      ['receiver', t('pay_signed_receiver'), config.receiver],
      ['payerAuthorizer', t('pay_signed_payer_authorizer'), config.payerAuthorizer],
      ['salt', t('pay_signed_salt'), config.salt],
    ],
  };
}

export type QuestionProps = { status: PaymentStatus; refresh: () => Promise<void> };

/** Whatever waits for the person's word. */
export function Question({ status, refresh }: QuestionProps): JSX.Element {
  const { go } = useShell();
  const { deposit, price, network } = status;
  const done = async (): Promise<void> => {
    await refresh();
    go('wallet');
  };
  if (deposit !== null) {
    return (
      <View route="wallet/question" title={t('pay_deposit_title')}>
        <SignedStruct question={deposit} network={network} onConfirmed={done} onRefused={done} />
      </View>
    );
  }
  if (price !== null) return <Price {...{ status, price, done }} />;
  return (
    <View route="wallet/question" title={t('pay_deposit_title')}>
      <p>{t('pay_deposit_none')}</p>
      <Way to="wallet">{t('wallet_title')}</Way>
    </View>
  );
}

type PriceProps = {
  status: PaymentStatus;
  price: NonNullable<PaymentStatus['price']>;
  done: () => Promise<void>;
};

function Price({ status: { network }, price, done }: PriceProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const answer = (agree: boolean) => (): void =>
    run(async () => {
      await ask('payments/answer-price', { agree });
      await done();
    });
  const { payee, pricePerGb, limitPerGb } = price;
  const sentence = t('pay_dearer_sentence', {
    operator: payee.operator,
    price: showMoney(pricePerGb, network),
    limit: showMoney(limitPerGb, network),
  });
  return (
    <View route="wallet/question" title={t('pay_dearer_title')}>
      <p>{sentence}</p>
      <Form {...{ label: t('pay_dearer_agree'), busy, error: wordsFor(error), onSubmit: answer(true) }} />
      <Button action="refuse" busy={busy} onClick={answer(false)}>
        {t('pay_dearer_refuse')}
      </Button>
    </View>
  );
}
