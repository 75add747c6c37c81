// The pages' end of messages to the worker, and of the ports on which it pushes: popup, check page, scan page, our page in the place of one that waits, content
// scripts. The worker's end is message-listeners.ts, which none of them loads.

import type { Runtime } from 'webextension-polyfill';
import type { HeldView } from '../core/state/held.ts';
import type { PopupSnapshot } from '../core/state/snapshot.ts';
import { toEnvelope } from '../messages/envelope.ts';
import { MessageError } from '../messages/message-error.ts';
import { HELD_PORT, watchPortName } from '../messages/port-names.ts';
import type { Message, MessageData, MessageReply, MessageType, Reply } from '../messages/protocol.ts';
import { browser } from './browser.ts';

/** Sends to the worker. Throws `MessageError`. */
export async function send<T extends MessageType>(type: T, data: MessageData<T>): Promise<MessageReply<T>> {
  const envelope = toEnvelope({ type, data } as Message, browser.runtime.getManifest().version);
  const reply = await browser.runtime.sendMessage<typeof envelope, Reply<T> | undefined>(envelope);
  if (reply === undefined) throw new MessageError('internal');
  if (!reply.ok) throw new MessageError(reply.error);
  return reply.value;
}

/** The popup's end of the push port: `push` gets every new snapshot. Connects again when the worker died. Returns how to stop. */
export function watchTab(tab: number, push: (snapshot: PopupSnapshot) => void): () => void {
  return watchPort(watchPortName(tab), (value) => push(value as PopupSnapshot));
}

/** The same for the page that stands in for one that waits: `push` gets what its own tab waits for. */
export function watchHeld(push: (view: HeldView) => void): () => void {
  return watchPort(HELD_PORT, (value) => push(value as HeldView));
}

function watchPort(name: string, push: (value: unknown) => void): () => void {
  let stopped = false;
  let port: Runtime.Port;
  const connect = (): void => {
    port = browser.runtime.connect({ name });
    port.onMessage.addListener(push);
    port.onDisconnect.addListener(() => {
      if (!stopped) connect();
    });
  };
  connect();
  return () => {
    stopped = true;
    port.disconnect();
  };
}
