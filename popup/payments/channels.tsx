// Deposits with relays: what is left in each, and the two ways to get it back, each one click.

import type { JSX } from 'preact';
import type { ChannelState, ChannelView, PaymentStatus } from '../../src/core/payment/payment-status.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';
import { showMoney, type Currency } from '../money.ts';
import { Button, Trouble, wordsFor } from '../parts.tsx';
import { useAction, useShell, type Action } from '../shell.ts';
import { showDuration, showTime } from '../times.ts';
import { useCountdown } from '../use-countdown.ts';

const STATES: Readonly<Record<ChannelState, MessageKey>> = {
  opening: 'pay_channel_state_opening',
  open: 'pay_channel_state_open',
  closing: 'pay_channel_state_closing',
  withdrawing: 'pay_channel_state_withdrawing',
  closed: 'pay_channel_state_closed',
  found: 'pay_channel_state_found',
};
const FOUND: Readonly<Record<NonNullable<ChannelView['found']>, MessageKey>> = {
  ready: 'pay_channel_found_ready',
  relay: 'pay_channel_found_relay',
  key: 'pay_channel_found_key',
};

export type ChannelsProps = { status: PaymentStatus; refresh: () => Promise<void> };

export function Channels({ status: { channels, network }, refresh }: ChannelsProps): JSX.Element {
  const action = useAction();
  return (
    <div>
      <h2>{t('pay_channels_title')}</h2>
      {channels.length === 0 ? <p class="note">{t('pay_channels_none')}</p> : null}
      <ul class="rows">
        {channels.map((channel) => (
          <Channel key={channel.id} {...{ channel, currency: network, action, refresh }} />
        ))}
      </ul>
      <Trouble words={wordsFor(action.error)} />
    </div>
  );
}

type Change = `payments/${'close-channel' | 'withdraw' | 'end-renewal' | 'use-channel'}`;
type ChannelProps = { channel: ChannelView; currency: Currency; action: Action; refresh: () => Promise<void> };

function Channel({ channel, currency, action, refresh }: ChannelProps): JSX.Element {
  const { ask } = useShell();
  const { id, payee, state, deposited, refundAt, renewal, found } = channel;
  const seconds = useCountdown(refundAt ?? undefined);
  const left = showMoney(channel.left, currency);
  const change = (type: Change) => (): void =>
    action.run(async () => {
      await ask(type, { id });
      await refresh();
    });
  const { busy } = action;
  const canFetch = state === 'withdrawing' && refundAt !== null && seconds === 0;
  return (
    <li data-channel={id} data-state={state}>
      <strong title={payee.peer}>{payee.operator}</strong>
      <span>{t('pay_channel_left', { left, deposited: showMoney(deposited, currency) })}</span>
      <span class="note">{t(STATES[state])}</span>
      {state === 'withdrawing' && refundAt !== null ? (
        <span class="note">
          {canFetch ? t('pay_channel_ready') : t('pay_channel_clock', { time: showDuration(seconds) })}
        </span>
      ) : null}
      {renewal === null ? null : (
        <>
          <span class="note">
            {t('pay_channel_renewal', {
              money: showMoney(renewal.amount, currency),
              until: showTime(renewal.until),
            })}
          </span>
          <Button action="end-renewal" busy={busy} onClick={change('payments/end-renewal')}>
            {t('pay_channel_end_renewal')}
          </Button>
        </>
      )}
      {found === null ? null : <span class="note">{t(FOUND[found])}</span>}
      {found === 'ready' ? (
        <Button action="use" busy={busy} onClick={change('payments/use-channel')}>
          {t('pay_channel_use')}
        </Button>
      ) : null}
      {state === 'open' || found === 'ready' ? (
        <Button action="close" busy={busy} onClick={change('payments/close-channel')}>
          {t('pay_channel_close', { left })}
        </Button>
      ) : null}
      {state === 'open' || state === 'closing' || state === 'found' ? (
        <>
          <Button action="withdraw" busy={busy} onClick={change('payments/withdraw')}>
            {t('pay_channel_withdraw')}
          </Button>
          <span class="note">{t('pay_channel_withdraw_note')}</span>
        </>
      ) : null}
      {canFetch ? (
        <Button action="fetch" busy={busy} onClick={change('payments/withdraw')}>
          {t('pay_channel_fetch', { left })}
        </Button>
      ) : null}
    </li>
  );
}
