// What a story is, and the kinds of them: each draws a view as it ships, over values instead of a worker. The table is stories.tsx.

import { render, type JSX } from 'preact';
import { loadScreens } from '../../../popup/load-screens.ts';
import type { ScreenRoute } from '../../../popup/route.ts';
import type { Shell } from '../../../popup/shell.ts';
import { toViewModel } from '../../../popup/view-model.ts';
import { Popup } from '../../../popup/views.tsx';
import { toWalletLine } from '../../../popup/wallet-line-model.ts';
import { toHeldModel } from '../../../pages/held/view-model.ts';
import { HeldPage } from '../../../pages/held/views.tsx';
import { CheckPage, type PageState } from '../../../pages/check/views.tsx';
import { toScanModel, type ScanState } from '../../../pages/scan/view-model.ts';
import { ScanPage } from '../../../pages/scan/views.tsx';
import type { PaymentStatus } from '../../../src/core/payment/payment-status.ts';
import type { HeldView } from '../../../src/core/state/held.ts';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';
import type { StoredSwitch } from '../../../src/core/state/stored-switch.ts';
import { MessageError } from '../../../src/messages/message-error.ts';
import type { MessageErrorCode, MessageType } from '../../../src/messages/protocol.ts';
import { NO_PAYMENTS } from '../../support/payment-values.ts';
import { HOME } from './values.ts';

export type Story = {
  /** Address of the document, whose styles are in force. */
  page: string;
  /** Resolves when all is drawn that does not wait for an answer. */
  draw: (root: HTMLElement) => void | Promise<void>;
  /** What is done before the picture: clicks, something typed. */
  act?: (root: HTMLElement) => void;
};

/** Answers by type of message; one that is an error code in `refused` is thrown; what has none is never answered. */
export type Answers = Partial<Record<MessageType, unknown>>;

/** What was asked and not answered yet: main.tsx waits for it. */
export const asking = { count: 0 };

const nothing = (): void => undefined;
const POPUP = '/popup/index.html';

/** A browser in which everything is allowed and nothing happens. */
const HOST: Shell['host'] = {
  ...{ version: '1.2.3', isFirefox: false },
  shortcuts: () => Promise.resolve([{ what: 'Make this tab private, or end it', keys: 'Alt+Shift+Y' }]),
  openShortcuts: () => Promise.resolve(),
  copy: () => Promise.resolve(),
  hasSites: () => Promise.resolve(true),
  askForSites: () => Promise.resolve(true),
  mayNotify: () => Promise.resolve(true),
  askToNotify: () => Promise.resolve(true),
  openBlank: () => Promise.resolve(2),
  show: () => Promise.resolve(),
  watch: () => nothing,
};

/** Anything that needs nobody's answers. */
export function drawing(page: string, view: () => JSX.Element): Story {
  return { page, draw: (root) => render(view(), root) };
}

/** The popup's first view. @param stored what storage says of the tab, where the worker has said nothing yet */
export function home(
  snapshot: Partial<PopupSnapshot> | undefined,
  payments?: Partial<PaymentStatus>,
  stored?: StoredSwitch['is'],
): Story {
  const on = {
    ...{ onToggle: nothing, onTryAgain: nothing, onAnotherExit: nothing, onNewIdentity: nothing },
    ...{ onFindOutWho: nothing, onOpenContainer: nothing, onTurnOff: nothing, onTolerate: nothing },
    ...{ onSetWindows: nothing, onOpenSettings: nothing, onSetRule: nothing },
  };
  return drawing(POPUP, () => {
    const state = {
      snapshot: snapshot && { ...HOME, ...snapshot },
      stored: stored && { tab: HOME.tab, is: stored },
      ...{ wanted: undefined, error: undefined },
    };
    const wallet = toWalletLine(payments && { ...NO_PAYMENTS, ...payments });
    const traffic = { traffic: state.snapshot?.traffic, currency: payments && NO_PAYMENTS.network };
    return <Popup model={toViewModel(state)} wallet={wallet} traffic={traffic} {...on} />;
  });
}

/** Any other view of the popup, by its route, with the worker's answers. */
export function screen(route: ScreenRoute, answers: Answers, act?: Story['act']): Story {
  return {
    page: POPUP,
    draw: async (root) => {
      const { Screens } = await loadScreens();
      const shell: Shell = {
        ask: (type) => answer(answers, type) as never,
        ...{ go: nothing, tab: 1, now: () => Date.now(), titlesOf: () => Promise.resolve(new Map()), host: HOST },
      };
      render(<Screens route={route} shell={shell} />, root);
    },
    ...(act && { act }),
  };
}

export class Refusal {
  readonly code: MessageErrorCode;
  constructor(code: MessageErrorCode) {
    this.code = code;
  }
}

async function answer(answers: Answers, type: MessageType): Promise<unknown> {
  if (!(type in answers)) return new Promise(nothing);
  asking.count += 1;
  try {
    await Promise.resolve();
    const given = answers[type];
    if (given instanceof Refusal) throw new MessageError(given.code);
    return given;
  } finally {
    asking.count -= 1;
  }
}

export function held(view: HeldView | undefined): Story {
  return drawing('/pages/held/index.html', () => (
    <HeldPage model={toHeldModel({ view, error: undefined })} onAction={nothing} />
  ));
}

export function check(state: PageState): Story {
  return drawing('/pages/check/index.html', () => <CheckPage state={state} onCheck={nothing} onSave={nothing} />);
}

export function scan(state: Partial<ScanState>): Story {
  const all: ScanState = { camera: 'off', found: undefined, adding: undefined, ...state };
  return drawing('/pages/scan/index.html', () => (
    <ScanPage
      {...{ model: toScanModel(all), video: { current: null }, onCamera: nothing, onFile: nothing, onAdd: nothing }}
    />
  ));
}

/** What a person does in a view. */
export const click =
  (selector: string) =>
  (root: HTMLElement): void => {
    const element = root.querySelector<HTMLElement>(selector);
    if (element === null) throw new Error(`nothing to click at ${selector}`);
    element.click();
  };
