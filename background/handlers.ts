// What the worker does for each message: one line each. Who may send it was decided before (src/messages/privileges.ts).

import type { PopupSnapshot } from '../src/core/state/snapshot.ts';
import {
  MessageError,
  type Message,
  type MessageData,
  type MessageReply,
  type MessageType,
} from '../src/messages/protocol.ts';
import type { ActivityHandlers } from './activity/activity-messages.ts';
import type { PaymentHandlers } from './payments/payment-messages.ts';
import type { BeginPlacesJob } from './begin-places.ts';
import type { ExitsJob } from './exits.ts';
import type { RelayWishesJob } from './relay-wishes.ts';
import type { SiteHandlers } from './site-messages.ts';
import type { Rivals } from './rivals.ts';
import type { DebugLog } from './debug-log.ts';
import type { SettingsJob } from './settings.ts';
import type { Stored } from './stored.ts';
import type { OpenHow } from './strict-jars.ts';
import type { CheckService } from './check-service.ts';
import type { WalletHandlers } from './wallet/wallet-messages.ts';
import type { Sender } from '../src/messages/privileges.ts';

export type Handlers = {
  [T in MessageType]: (data: MessageData<T>, sender: Sender) => Promise<MessageReply<T>>;
};

export type HandlerDeps = {
  setPrivate: (tab: number, wanted: boolean) => Promise<void>;
  setIncognito: (wanted: boolean) => Promise<void>;
  openIncognitoSettings: () => Promise<void>;
  openPrivate: (how: OpenHow) => Promise<void>;
  rivals: Pick<Rivals, 'turnOff' | 'tolerate'>;
  tryAgain: () => Promise<void>;
  /** Both throw `MessageError` where there is none; then nothing has changed. */
  anotherExit: (tab: number) => Promise<void>;
  newIdentity: (tab: number) => Promise<void>;
  /** The person wants the page that the tab waits for now. */
  retryHeld: (tab: number) => Promise<void>;
  snapshot: (tab: number) => Promise<PopupSnapshot>;
  check: CheckService;
  wallet: WalletHandlers;
  payments: PaymentHandlers;
  activity: ActivityHandlers;
  relays: RelayWishesJob;
  begin: BeginPlacesJob;
  exits: ExitsJob;
  sites: SiteHandlers;
  settings: SettingsJob;
  stored: Stored;
  log: DebugLog;
};

export function createHandlers(deps: HandlerDeps): Handlers {
  const { setPrivate, tryAgain, snapshot } = deps;
  return {
    ...deps.wallet,
    ...deps.payments,
    ...deps.activity,
    'tab/set-private': async ({ tab, wanted }) => {
      await setPrivate(tab, wanted);
      return snapshot(tab);
    },
    'tab/read': ({ tab }) => snapshot(tab),
    'circuit/try-again': async ({ tab }) => {
      await tryAgain();
      return snapshot(tab);
    },
    'tab/open-private': async ({ tab, container }) => {
      await deps.openPrivate({ url: undefined, beside: tab, container });
      return snapshot(tab);
    },
    'incognito/set': async ({ tab, wanted }) => {
      await deps.setIncognito(wanted);
      return snapshot(tab);
    },
    'incognito/open-settings': async ({ tab }) => {
      await deps.openIncognitoSettings();
      return snapshot(tab);
    },
    'rivals/turn-off': async ({ tab, ids }) => {
      await deps.rivals.turnOff(ids);
      return snapshot(tab);
    },
    'rivals/tolerate': async ({ tab, ids, wanted }) => {
      await deps.rivals.tolerate(ids, wanted);
      return snapshot(tab);
    },
    'check/circuits': () => deps.check.circuits(),
    'check/ask': ({ nonce }) => deps.check.ask(nonce),
    'check/verify': ({ answer }) => deps.check.verify(answer),
    'circuit/another-exit': async ({ tab }) => {
      await deps.anotherExit(tab);
      return snapshot(tab);
    },
    'circuit/new-identity': async ({ tab }) => {
      await deps.newIdentity(tab);
      return snapshot(tab);
    },
    'relays/read': () => deps.relays.read(),
    'relays/set-wishes': ({ wishes }) => deps.relays.set(wishes),
    'relays/read-begin': () => deps.begin.read(),
    'relays/set-begin': ({ places }) => deps.begin.set(places),
    'exits/read': ({ tab }) => deps.exits.read(tab),
    'exits/choose': ({ tab, choice }) => deps.exits.choose(tab, choice),
    'exits/mark': ({ tab, region, wanted }) => deps.exits.mark(tab, region, wanted),
    'sites/read': deps.sites['sites/read'],
    'sites/set-rule': deps.sites['sites/set-rule'],
    'sites/remove': deps.sites['sites/remove'],
    'sites/import': deps.sites['sites/import'],
    'held/open-normal': async (_, sender) => {
      await deps.sites.openNormal(tabOf(sender));
      return true;
    },
    'held/private-once': async (_, sender) => {
      await deps.sites.privateOnce(tabOf(sender));
      return true;
    },
    'settings/read': () => deps.settings.read(),
    'settings/set': ({ change }) => deps.settings.set(change),
    'settings/stored': () => deps.stored.list(),
    'settings/wipe': async ({ wallet }) => {
      await deps.stored.wipe(wallet);
      return true;
    },
    'settings/log': () => deps.log.read(),
    'held/retry': async (_, sender) => {
      await deps.retryHeld(tabOf(sender));
      return true;
    },
    'held/another-exit': async (_, sender) => {
      const tab = tabOf(sender);
      await deps.anotherExit(tab);
      await deps.retryHeld(tab);
      return true;
    },
    'held/end-private': async (_, sender) => {
      await setPrivate(tabOf(sender), false);
      return true;
    },
    'page/is-private': async (_, sender) => {
      const tab = tabOf(sender);
      return (await snapshot(tab)).status.is === 'private';
    },
  };
}

/** The table lets only senders that are in a tab ask about their own. */
function tabOf({ tab }: Sender): number {
  if (tab === undefined) throw new MessageError('no-tab');
  return tab;
}

/** Calls the handler of a message. */
export function handle(handlers: Handlers, message: Message, sender: Sender): Promise<unknown> {
  // One entry per type, each with its own data: the compiler cannot see that the two belong together.
  const handler = handlers[message.type] as (data: unknown, sender: Sender) => Promise<unknown>;
  return handler(message.data, sender);
}
