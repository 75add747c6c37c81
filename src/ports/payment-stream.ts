// One stream of the session protocol, as the worker's payments see it: messages in and out. Implemented by src/net/session-client.ts.

import type { SessionMessage } from '../core/wire/session-messages.ts';

export interface PaymentStream {
  /** The two peer ids of the connection, as libp2p prints them: its handshake has proved both. */
  readonly payerPeer: string;
  readonly payeePeer: string;
  /** Throws where the stream has ended. */
  send(message: SessionMessage): void;
  /** Messages in their order. What cannot be read ends the stream. Called once. */
  onMessage(listener: (message: SessionMessage) => void): void;
  /** Once, however it ends; at once where it has. */
  onEnd(listener: () => void): void;
  close(): void;
  /** False once the other side has said that it does not speak the protocol. */
  isSpoken(): boolean;
}
