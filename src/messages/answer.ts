// How the worker answers a message: parse, look up the sender, call the handler, and turn every failure into a code of the protocol.
// Pure but for the handler. Called by src/platform/message-listeners.ts for every message that comes in.

import { PaymentError } from '../core/payment/payment-error.ts';
import { AskingError } from '../core/payment/payment-problem.ts';
import { isWalletError } from '../core/wallet/wallet-error.ts';
import { assertMaySend, type Sender } from './privileges.ts';
import { MessageError, type Message, type MessageReply, type MessageType, type Reply } from './protocol.ts';
import { parseEnvelope } from './validate.ts';

export type Handle = (message: Message, sender: Sender) => Promise<unknown>;

export type AnswerInit = {
  /** The worker's own version. */
  build: string;
  handle: Handle;
  /** Takes what has no code; nothing of it is told to the sender. */
  report: (error: unknown) => void;
};

/** Never rejects. */
export async function answerMessage(raw: unknown, sender: Sender, init: AnswerInit): Promise<Reply<MessageType>> {
  try {
    const message = parseEnvelope(raw, init.build);
    assertMaySend(sender, message.type);
    return { ok: true, value: (await init.handle(message, sender)) as MessageReply<MessageType> };
  } catch (error) {
    if (error instanceof MessageError) return { ok: false, error: error.code };
    if (error instanceof PaymentError || error instanceof AskingError) return { ok: false, error: error.code };
    if (isWalletError(error)) return { ok: false, error: error.code };
    init.report(error);
    return { ok: false, error: 'internal' };
  }
}
