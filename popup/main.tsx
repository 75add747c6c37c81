// The popup's entry point: finds its tab, watches it, and sends what was clicked. `?tab=<id>` names a tab where the popup is opened as a page.

import { render } from 'preact';
import type { PopupSnapshot } from '../src/core/state/snapshot.ts';
import { MessageError, type MessageData, type MessageType } from '../src/messages/protocol.ts';
import { browser } from '../src/platform/browser.ts';
import { send, watchTab } from '../src/platform/messaging.ts';
import { toViewModel, type PopupState } from './view-model.ts';
import { Popup } from './views.tsx';

let state: PopupState = { snapshot: undefined, wanted: undefined, error: undefined };

/** Counts clicks: an answer counts only while no later one is on its way. */
let clicks = 0;

function update(change: Partial<PopupState>): void {
  state = { ...state, ...change };
  const root = document.getElementById('popup');
  if (root === null) return;
  const model = toViewModel(state);
  const on = {
    onToggle: () => void setPrivate(!model.toggle.on),
    onTryAgain: () => void ask('circuit/try-again', (tab) => ({ tab })),
    onAnotherExit: () => void ask('circuit/another-exit', (tab) => ({ tab })),
    onNewIdentity: () => void ask('circuit/new-identity', (tab) => ({ tab })),
    onFindOutWho: () => void findOutWho(),
    onOpenContainer: () => void ask('tab/open-private', (tab) => ({ tab, container: true })),
    onSetWindows: (wanted: boolean) => void ask('incognito/set', (tab) => ({ tab, wanted })),
    onOpenSettings: () => void ask('incognito/open-settings', (tab) => ({ tab })),
  };
  render(<Popup model={model} {...on} />, root);
}

async function setPrivate(wanted: boolean): Promise<void> {
  const tab = state.snapshot?.tab;
  if (tab === undefined) return;
  const click = ++clicks;
  update({ wanted, error: undefined });
  try {
    const snapshot = await send('tab/set-private', { tab, wanted });
    if (click === clicks) update({ snapshot, wanted: undefined });
  } catch (error) {
    if (click === clicks) update({ wanted: undefined, error: codeOf(error) });
  }
}

/** Sends what was clicked for the tab of the popup, and shows the answer. */
async function ask<T extends MessageType>(type: T, data: (tab: number) => MessageData<T>): Promise<void> {
  const tab = state.snapshot?.tab;
  if (tab === undefined) return;
  try {
    update({ snapshot: (await send(type, data(tab))) as PopupSnapshot, error: undefined });
  } catch (error) {
    update({ error: codeOf(error) });
  }
}

/** The worker hears of the permission from the browser. Must be called in the click itself. */
async function findOutWho(): Promise<void> {
  await browser.permissions.request({ permissions: ['management'] }).catch(() => false);
}

/** The browser itself rejects when no worker answers. */
function codeOf(error: unknown): PopupState['error'] {
  return error instanceof MessageError ? error.code : 'internal';
}

async function findTab(): Promise<number | undefined> {
  const named = new URLSearchParams(location.search).get('tab');
  if (named !== null && /^\d{1,15}$/.test(named)) return Number(named);
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.id;
}

async function open(): Promise<void> {
  update({});
  const tab = await findTab();
  if (tab === undefined) update({ error: 'no-tab' });
  else watchTab(tab, (snapshot) => update({ snapshot }));
}

void open();
