// Who may send what: one table, and what is not in it is refused.

import { MessageError, type MessageType } from './protocol.ts';

/** The popup, as popup or opened as a page, and the options page, which has the same views; the check page; the page that scans; our page in the place of one that waits; a script of ours in a web page; everybody else. */
export type SenderKind = 'popup' | 'check' | 'scan' | 'held' | 'content' | 'stranger';

/** A sender as the browser describes it. */
export type SenderFacts = {
  /** Id of the extension that sent it. */
  extension: string | undefined;
  /** URL of the document that sent it. */
  url: string | undefined;
  /** The tab it is in; a popup is in none. */
  tab: number | undefined;
};

export type Sender = { kind: SenderKind; tab: number | undefined };

const MAY_SEND: Readonly<Record<MessageType, readonly SenderKind[]>> = {
  'tab/set-private': ['popup', 'check'],
  'tab/read': ['popup', 'check'],
  'circuit/try-again': ['popup'],
  'tab/open-private': ['popup'],
  'incognito/set': ['popup'],
  'incognito/open-settings': ['popup'],
  'rivals/turn-off': ['popup'],
  'rivals/tolerate': ['popup'],
  'check/circuits': ['check'],
  'check/ask': ['check'],
  'check/verify': ['check'],
  'circuit/another-exit': ['popup'],
  'circuit/new-identity': ['popup'],
  'held/retry': ['held'],
  'held/another-exit': ['held'],
  'held/end-private': ['held'],
  'held/open-normal': ['held'],
  'held/private-once': ['held'],
  'page/is-private': ['content'],
  'relays/read': ['popup'],
  'relays/set-wishes': ['popup'],
  'relays/read-begin': ['popup', 'scan'],
  'relays/set-begin': ['popup', 'scan'],
  'exits/read': ['popup'],
  'exits/choose': ['popup'],
  'exits/mark': ['popup'],
  'activity/read': ['popup'],
  'activity/keep-days': ['popup'],
  'activity/start-speed': ['popup'],
  'activity/cancel-speed': ['popup'],
  'sites/read': ['popup'],
  'sites/set-rule': ['popup'],
  'sites/remove': ['popup'],
  'sites/import': ['popup'],
  'wallet/status': ['popup'],
  'wallet/create': ['popup'],
  'wallet/confirm': ['popup'],
  'wallet/import': ['popup'],
  'wallet/unlock': ['popup'],
  'wallet/lock': ['popup'],
  'wallet/export': ['popup'],
  'wallet/change-password': ['popup'],
  'wallet/add-account': ['popup'],
  'wallet/set-paying': ['popup'],
  'payments/status': ['popup'],
  'payments/ask-deposit': ['popup'],
  'payments/confirm-deposit': ['popup'],
  'payments/refuse-deposit': ['popup'],
  'payments/end-renewal': ['popup'],
  'payments/answer-price': ['popup'],
  'payments/set-limits': ['popup'],
  'payments/find-channels': ['popup'],
  'payments/use-channel': ['popup'],
  'payments/close-channel': ['popup'],
  'payments/withdraw': ['popup'],
  'payments/set-rpc': ['popup'],
  'settings/read': ['popup'],
  'settings/set': ['popup'],
  'settings/stored': ['popup'],
  'settings/wipe': ['popup'],
  'settings/log': ['popup'],
};

/**
 * @param own id of this extension, and the URLs of its pages without query
 */
export function classifySender(
  facts: SenderFacts,
  own: { extension: string; popupUrl: string; optionsUrl: string; checkUrl: string; scanUrl: string; heldUrl: string },
): Sender {
  const { tab } = facts;
  if (facts.extension !== own.extension || facts.url === undefined) return { kind: 'stranger', tab };
  const page = facts.url.replace(/[?#].*$/, '');
  if (page === own.popupUrl || page === own.optionsUrl) return { kind: 'popup', tab };
  if (page === own.checkUrl) return { kind: 'check', tab };
  if (page === own.scanUrl) return { kind: 'scan', tab };
  if (page === own.heldUrl && tab !== undefined) return { kind: 'held', tab };
  const isWebPage = /^https?:/.test(facts.url);
  return { kind: isWebPage && tab !== undefined ? 'content' : 'stranger', tab };
}

export function maySend(sender: Sender, type: MessageType): boolean {
  return MAY_SEND[type].includes(sender.kind);
}

/** Throws `MessageError('forbidden')`. */
export function assertMaySend(sender: Sender, type: MessageType): void {
  if (!maySend(sender, type)) throw new MessageError('forbidden');
}
