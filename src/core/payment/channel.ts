// A payment channel: what is fixed about it when it is opened, and which channels a relay may be paid by. The relay checks it before it
// serves, and the client before it signs, by the same function. Source: x402 batch-settlement for EVM, struct ChannelConfig.

import { asNumber, asObject, ParseError } from '../state/parse.ts';
import { asAddress, asHash, ZERO_ADDRESS, type Hex } from './hex.ts';
import { PaymentError } from './payment-error.ts';

export type ChannelConfig = {
  /** Whose money it is, and who alone gets the rest back: the wallet W. */
  payer: Hex;
  /** Who signs vouchers: the session key S of this channel. */
  payerAuthorizer: Hex;
  /** Who is paid. */
  receiver: Hex;
  /** Who may claim and refund by signature. */
  receiverAuthorizer: Hex;
  token: Hex;
  /** Seconds between the payer's announcement of a withdrawal and the withdrawal, uint40. */
  withdrawDelay: number;
  /** Makes channels of the same parties different, bytes32. */
  salt: Hex;
};

/** A relay that is online once a day can claim before the money is gone. The contract would take 15 minutes. */
export const MIN_WITHDRAW_DELAY_S = 86_400;
/** The contract's own upper bound: 30 days. */
export const MAX_WITHDRAW_DELAY_S = 2_592_000;

const FIELDS = [
  'payer',
  'payerAuthorizer',
  'receiver',
  'receiverAuthorizer',
  'token',
  'withdrawDelay',
  'salt',
] as const;

/** Reads a config that was received or stored: these fields and no other. Throws `PaymentError` bad_config. */
export function parseChannelConfig(value: unknown): ChannelConfig {
  try {
    const fields = asObject(value);
    if (Object.keys(fields).length !== FIELDS.length) throw new ParseError('not the fields of a channel');
    return {
      payer: asAddress(fields['payer']),
      payerAuthorizer: asAddress(fields['payerAuthorizer']),
      receiver: asAddress(fields['receiver']),
      receiverAuthorizer: asAddress(fields['receiverAuthorizer']),
      token: asAddress(fields['token']),
      withdrawDelay: asUint40(fields['withdrawDelay']),
      salt: asHash(fields['salt']),
    };
  } catch (cause) {
    throw new PaymentError('bad_config', 'not a channel config', { cause });
  }
}

export type ChannelTerms = {
  /** The relay's own key. */
  receiver: Hex;
  /** The one token of the network's table. */
  token: Hex;
  /** What the relay's quote asks for, seconds. */
  withdrawDelay: number;
};

/**
 * Throws `PaymentError` bad_config unless the relay of these terms can be paid by such a channel, and neither side can be cheated by its form:
 * without a payerAuthorizer vouchers would be checked by code of the payer's account (ERC-1271), which can change its mind; a foreign
 * receiverAuthorizer could refund what the relay has earned.
 */
export function checkChannelConfig(config: ChannelConfig, terms: ChannelTerms): void {
  const refuse = (detail: string): never => {
    throw new PaymentError('bad_config', detail);
  };
  if (config.payer === ZERO_ADDRESS) refuse('the payer is nobody');
  if (config.payerAuthorizer === ZERO_ADDRESS) refuse('no key signs vouchers');
  if (config.receiver !== terms.receiver) refuse('the receiver is somebody else');
  if (config.receiverAuthorizer !== terms.receiver) refuse('somebody else may claim and refund');
  if (config.payer === config.receiver) refuse('the relay would pay itself');
  if (config.token !== terms.token) refuse('the token is another one');
  if (config.withdrawDelay < longerDelay(terms.withdrawDelay)) refuse('the payer could withdraw too soon');
  if (config.withdrawDelay > MAX_WITHDRAW_DELAY_S) refuse('the payer would wait too long');
}

function longerDelay(delay: number): number {
  return Math.max(delay, MIN_WITHDRAW_DELAY_S);
}

function asUint40(value: unknown): number {
  const number = asNumber(value);
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** 40) throw new ParseError('not a uint40');
  return number;
}
