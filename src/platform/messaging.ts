// Messages between popup or content scripts and the worker, and the port on which the worker pushes. Both ends.
// Every message carries the build that sent it, is parsed, and its sender is looked up before a handler sees it.

import type { Runtime } from 'webextension-polyfill';
import type { PopupSnapshot } from '../core/state/snapshot.ts';
import { answerMessage, type Handle } from '../messages/answer.ts';
import { classifySender, type Sender } from '../messages/privileges.ts';
import {
  MessageError,
  parseWatchPortName,
  watchPortName,
  type Message,
  type MessageData,
  type MessageReply,
  type MessageType,
  type Reply,
} from '../messages/protocol.ts';
import { toEnvelope } from '../messages/validate.ts';
import { browser } from './browser.ts';

const POPUP_PAGE = 'popup/index.html';
const CHECK_PAGE = 'pages/check/index.html';

/** Sends to the worker. Throws `MessageError`. */
export async function send<T extends MessageType>(type: T, data: MessageData<T>): Promise<MessageReply<T>> {
  const envelope = toEnvelope({ type, data } as Message, build());
  const reply = await browser.runtime.sendMessage<typeof envelope, Reply<T> | undefined>(envelope);
  if (reply === undefined) throw new MessageError('internal');
  if (!reply.ok) throw new MessageError(reply.error);
  return reply.value;
}

/** The popup's end of the push port: `push` gets every new snapshot. Connects again when the worker died. Returns how to stop. */
export function watchTab(tab: number, push: (snapshot: PopupSnapshot) => void): () => void {
  let stopped = false;
  let port: Runtime.Port;
  const connect = (): void => {
    port = browser.runtime.connect({ name: watchPortName(tab) });
    port.onMessage.addListener((snapshot) => push(snapshot as PopupSnapshot));
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

/** The worker's end. Must be called in the first tick. */
export function listenToMessages(handle: Handle, report: (error: unknown) => void): void {
  browser.runtime.onMessage.addListener((raw: unknown, sender: Runtime.MessageSender) =>
    answerMessage(raw, toSender(sender), { build: build(), handle, report }),
  );
}

/** The worker's end of the push port. `watch` returns how to stop. Must be called in the first tick. */
export function listenToWatchers(watch: (tab: number, push: (snapshot: PopupSnapshot) => void) => () => void): void {
  browser.runtime.onConnect.addListener((port) => {
    const tab = parseWatchPortName(port.name);
    if (tab === undefined || port.sender === undefined || toSender(port.sender).kind !== 'popup') {
      port.disconnect();
      return;
    }
    const stop = watch(tab, (snapshot) => port.postMessage(snapshot));
    port.onDisconnect.addListener(stop);
  });
}

function toSender({ id, url, tab }: Runtime.MessageSender): Sender {
  const own = {
    extension: browser.runtime.id,
    popupUrl: browser.runtime.getURL(POPUP_PAGE),
    checkUrl: browser.runtime.getURL(CHECK_PAGE),
  };
  return classifySender({ extension: id, url, tab: tab?.id }, own);
}

function build(): string {
  return browser.runtime.getManifest().version;
}
