// What every view of the wallet is given: a way to ask the worker, to go elsewhere, and the time. Filled by popup/main.tsx, and by the tests.

import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { MessageData, MessageErrorCode, MessageReply, MessageType } from '../src/messages/protocol.ts';
import type { PageHost } from '../src/platform/page-host.ts';
import { codeOf } from './code-of.ts';
import type { Route } from './route.ts';

export type Shell = {
  /** Throws `MessageError`. */
  ask: <T extends MessageType>(type: T, data: MessageData<T>) => Promise<MessageReply<T>>;
  go: (route: Route) => void;
  /** The tab that the popup is about; undefined where there is none. */
  tab: number | undefined;
  /** What the browser calls those of these tabs that are open; the worker is not asked, and keeps none of it. */
  titlesOf: (tabs: readonly number[]) => Promise<ReadonlyMap<number, string>>;
  /** ms since the epoch. */
  now: () => number;
  /** What views need of the browser itself. */
  host: PageHost;
};

export const ShellContext = createContext<Shell | undefined>(undefined);

export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (shell === undefined) throw new Error('a view of the wallet was drawn outside of its shell');
  return shell;
}

export type Action = {
  busy: boolean;
  error: MessageErrorCode | undefined;
  /** Runs one at a time: a second click does nothing. */
  run: (act: () => Promise<void>) => void;
};

/** What a button does, while it does it and when it failed. */
export function useAction(): Action {
  const [state, setState] = useState<Omit<Action, 'run'>>({ busy: false, error: undefined });
  const running = useRef(false);
  const isThere = useIsThere();
  const run = (act: () => Promise<void>): void => {
    if (running.current) return;
    running.current = true;
    setState({ busy: true, error: undefined });
    act()
      .then(
        () => undefined,
        (error: unknown) => codeOf(error),
      )
      .then((error) => {
        running.current = false;
        if (isThere()) setState({ busy: false, error });
      })
      .catch(() => undefined);
  };
  return { ...state, run };
}

/** Whether the view is still drawn: an answer that comes later changes nothing. */
export function useIsThere(): () => boolean {
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  return () => there.current;
}
