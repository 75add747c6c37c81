// Messages between popup or content scripts and the worker, and the port on which the worker pushes. Both ends.
// Every message carries the build that sent it, is parsed, and its sender is looked up before a handler sees it.

import type { Runtime } from 'webextension-polyfill';
import type { HeldView } from '../core/state/held.ts';
import type { PopupSnapshot } from '../core/state/snapshot.ts';
import { answerMessage, type Handle } from '../messages/answer.ts';
import { classifySender, type Sender } from '../messages/privileges.ts';
import {
  HELD_PORT,
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
import { CHECK_PAGE, HELD_PAGE, POPUP_PAGE } from './extension-pages.ts';

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

/** The worker's end. Must be called in the first tick. */
export function listenToMessages(handle: Handle, report: (error: unknown) => void): void {
  browser.runtime.onMessage.addListener((raw: unknown, sender: Runtime.MessageSender) =>
    answerMessage(raw, toSender(sender), { build: build(), handle, report }),
  );
}

export type Watchers = {
  /** Each returns how to stop. */
  watch: (tab: number, push: (snapshot: PopupSnapshot) => void) => () => void;
  watchHeld: (tab: number, push: (view: HeldView) => void) => () => void;
};

/** The worker's end of the push ports. Must be called in the first tick. */
export function listenToWatchers({ watch, watchHeld }: Watchers): void {
  browser.runtime.onConnect.addListener((port) => {
    const sender = port.sender === undefined ? undefined : toSender(port.sender);
    const named = parseWatchPortName(port.name);
    const push = (value: unknown): void => port.postMessage(value);
    if (sender?.kind === 'popup' && named !== undefined) port.onDisconnect.addListener(watch(named, push));
    else if (sender?.kind === 'held' && sender.tab !== undefined && port.name === HELD_PORT) {
      port.onDisconnect.addListener(watchHeld(sender.tab, push));
    } else port.disconnect();
  });
}

function toSender({ id, url, tab }: Runtime.MessageSender): Sender {
  const own = {
    extension: browser.runtime.id,
    popupUrl: browser.runtime.getURL(POPUP_PAGE),
    checkUrl: browser.runtime.getURL(CHECK_PAGE),
    heldUrl: browser.runtime.getURL(HELD_PAGE),
  };
  return classifySender({ extension: id, url, tab: tab?.id }, own);
}

function build(): string {
  return browser.runtime.getManifest().version;
}
