// What the worker does for each message: one line each. Who may send it was decided before (src/messages/privileges.ts).

import type { PopupSnapshot } from '../src/core/state/snapshot.ts';
import {
  MessageError,
  type Message,
  type MessageData,
  type MessageReply,
  type MessageType,
} from '../src/messages/protocol.ts';
import type { OpenHow } from './strict-jars.ts';
import type { CheckService } from './check-service.ts';
import type { Sender } from '../src/messages/privileges.ts';

export type Handlers = {
  [T in MessageType]: (data: MessageData<T>, sender: Sender) => Promise<MessageReply<T>>;
};

export type HandlerDeps = {
  setPrivate: (tab: number, wanted: boolean) => Promise<void>;
  setIncognito: (wanted: boolean) => Promise<void>;
  openIncognitoSettings: () => Promise<void>;
  openPrivate: (how: OpenHow) => Promise<void>;
  tryAgain: () => Promise<void>;
  snapshot: (tab: number) => Promise<PopupSnapshot>;
  check: CheckService;
};

export function createHandlers(deps: HandlerDeps): Handlers {
  const { setPrivate, tryAgain, snapshot } = deps;
  return {
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
    'check/circuits': () => deps.check.circuits(),
    'check/ask': ({ nonce }) => deps.check.ask(nonce),
    'check/verify': ({ answer }) => deps.check.verify(answer),
    'page/is-private': async (_, { tab }) => {
      // The table lets only content scripts ask, and those are in a tab.
      if (tab === undefined) throw new MessageError('no-tab');
      return (await snapshot(tab)).status.is === 'private';
    },
  };
}

/** Calls the handler of a message. */
export function handle(handlers: Handlers, message: Message, sender: Sender): Promise<unknown> {
  // One entry per type, each with its own data: the compiler cannot see that the two belong together.
  const handler = handlers[message.type] as (data: unknown, sender: Sender) => Promise<unknown>;
  return handler(message.data, sender);
}
