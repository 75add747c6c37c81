// What the worker answers to the popup's messages about payments: one line each.

import { isChainFailure } from '../../src/core/payment/chain-code.ts';
import { MessageError, type MessageData, type MessageReply, type MessageType } from '../../src/messages/protocol.ts';

type PaymentMessage = Extract<MessageType, `payments/${string}`>;

export type PaymentHandlers = { [T in PaymentMessage]: (data: MessageData<T>) => Promise<MessageReply<T>> };

/** Each does what the person asked for, and throws `AskingError`, `PaymentError`, `WalletError` or `ChainError` where that cannot be. */
export type PaymentActions = {
  status: (data: MessageData<'payments/status'>) => Promise<MessageReply<'payments/status'>>;
  askDeposit: (amount: bigint) => Promise<MessageReply<'payments/ask-deposit'>>;
  confirmDeposit: (id: string, renew: boolean) => Promise<void>;
  refuseDeposit: () => Promise<void>;
  endRenewal: (id: MessageData<'payments/end-renewal'>['id']) => Promise<void>;
  answerPrice: (agree: boolean) => Promise<void>;
  setLimits: (limits: MessageData<'payments/set-limits'>['limits']) => Promise<void>;
  findChannels: (data: MessageData<'payments/find-channels'>) => Promise<MessageReply<'payments/find-channels'>>;
  useChannel: (id: MessageData<'payments/use-channel'>['id']) => Promise<void>;
  closeChannel: (id: MessageData<'payments/close-channel'>['id']) => Promise<void>;
  withdraw: (id: MessageData<'payments/withdraw'>['id']) => Promise<void>;
  setRpcs: (urls: readonly string[]) => Promise<void>;
};

export function createPaymentHandlers(actions: PaymentActions): PaymentHandlers {
  return {
    'payments/status': (data) => told(actions.status(data)),
    'payments/ask-deposit': ({ amount }) => told(actions.askDeposit(BigInt(amount))),
    'payments/confirm-deposit': ({ id, renew }) => done(actions.confirmDeposit(id, renew)),
    'payments/refuse-deposit': () => done(actions.refuseDeposit()),
    'payments/end-renewal': ({ id }) => done(actions.endRenewal(id)),
    'payments/answer-price': ({ agree }) => done(actions.answerPrice(agree)),
    'payments/set-limits': ({ limits }) => done(actions.setLimits(limits)),
    'payments/find-channels': (data) => told(actions.findChannels(data)),
    'payments/use-channel': ({ id }) => done(actions.useChannel(id)),
    'payments/close-channel': ({ id }) => done(actions.closeChannel(id)),
    'payments/withdraw': ({ id }) => done(actions.withdraw(id)),
    'payments/set-rpc': ({ urls }) => done(actions.setRpcs(urls)),
  };
}

async function done(work: Promise<void>): Promise<true> {
  await told(work);
  return true;
}

/** The chain's errors are known to src/chain only, which messages do not know: their code is carried over. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isChainFailure(error)) throw new MessageError(error.code, { cause: error });
    throw error;
  }
}
