// Deposits with relays: what is left in each, and the two ways to get it back, each one click.

import type { JSX } from 'preact';
import type { ChannelView, PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { showMoney, type Currency } from '../money.ts';
import { Button, Trouble, wordsFor } from '../parts.tsx';
import { useAction, useShell, type Action } from '../shell.ts';
import { useCountdown } from '../use-countdown.ts';
import { showDuration, showTime, WORDS } from './words.ts';

const W = WORDS.channels;

export type ChannelsProps = { status: PaymentStatus; refresh: () => Promise<void> };

export function Channels({ status: { channels, network }, refresh }: ChannelsProps): JSX.Element {
  const action = useAction();
  return (
    <div>
      <h2>{W.title}</h2>
      {channels.length === 0 ? <p class="note">{W.none}</p> : null}
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
      <span>{W.left(left, showMoney(deposited, currency))}</span>
      <span class="note">{W.state[state]}</span>
      {state === 'withdrawing' && refundAt !== null ? (
        <span class="note">{canFetch ? W.ready : W.clock(showDuration(seconds))}</span>
      ) : null}
      {renewal === null ? null : (
        <>
          <span class="note">{W.renewal(showMoney(renewal.amount, currency), showTime(renewal.until))}</span>
          <Button action="end-renewal" busy={busy} onClick={change('payments/end-renewal')}>
            {W.endRenewal}
          </Button>
        </>
      )}
      {found === null ? null : <span class="note">{W.found[found]}</span>}
      {found === 'ready' ? (
        <Button action="use" busy={busy} onClick={change('payments/use-channel')}>
          {W.use}
        </Button>
      ) : null}
      {state === 'open' || found === 'ready' ? (
        <Button action="close" busy={busy} onClick={change('payments/close-channel')}>
          {W.close(left)}
        </Button>
      ) : null}
      {state === 'open' || state === 'closing' || state === 'found' ? (
        <>
          <Button action="withdraw" busy={busy} onClick={change('payments/withdraw')}>
            {W.withdraw}
          </Button>
          <span class="note">{W.withdrawNote}</span>
        </>
      ) : null}
      {canFetch ? (
        <Button action="fetch" busy={busy} onClick={change('payments/withdraw')}>
          {W.fetch(left)}
        </Button>
      ) : null}
    </li>
  );
}
