// The worker's end of messages, and of the ports on which it pushes. Every message carries the build that sent it, is parsed, and its sender is looked up
// before a handler sees it. Called by background/main.ts.

import type { Runtime } from 'webextension-polyfill';
import type { HeldView } from '../core/state/held.ts';
import type { PopupSnapshot } from '../core/state/snapshot.ts';
import { answerMessage, type Handle } from '../messages/answer.ts';
import { HELD_PORT, parseWatchPortName } from '../messages/port-names.ts';
import { classifySender, type Sender } from '../messages/privileges.ts';
import { browser } from './browser.ts';
import { CHECK_PAGE, HELD_PAGE, OPTIONS_PAGE, POPUP_PAGE, SCAN_PAGE } from './extension-pages.ts';

/** The worker's end. Must be called in the first tick. */
export function listenToMessages(handle: Handle, report: (error: unknown) => void): void {
  browser.runtime.onMessage.addListener((raw: unknown, sender: Runtime.MessageSender) =>
    answerMessage(raw, toSender(sender), { build: browser.runtime.getManifest().version, handle, report }),
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
    optionsUrl: browser.runtime.getURL(OPTIONS_PAGE),
    checkUrl: browser.runtime.getURL(CHECK_PAGE),
    scanUrl: browser.runtime.getURL(SCAN_PAGE),
    heldUrl: browser.runtime.getURL(HELD_PAGE),
  };
  return classifySender({ extension: id, url, tab: tab?.id }, own);
}
