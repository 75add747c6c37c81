// Our page in the place of one that a private tab waits for. It asks the worker what its own tab waits for, says so, and goes on to it. It goes nowhere
// but where the worker says, and knows no URL of its own.

import { render } from 'preact';
import { MessageError } from '../../src/messages/message-error.ts';
import { send, watchHeld } from '../../src/platform/messaging.ts';
import { onPageSettings, openPage } from '../../src/platform/page-settings.ts';
import { speak } from '../../src/text/speak.ts';
import { toHeldModel, type HeldAction, type HeldState } from './view-model.ts';
import { HeldPage } from './views.tsx';

let state: HeldState = { view: undefined, error: undefined };

function update(change: Partial<HeldState>): void {
  state = { ...state, ...change };
  const root = document.getElementById('held');
  if (root === null) return;
  const model = toHeldModel(state);
  document.title = model.headline;
  render(<HeldPage model={model} onAction={(type) => void act(type)} />, root);
}

async function act(type: HeldAction): Promise<void> {
  try {
    await send(type, {});
    update({ error: undefined });
  } catch (error) {
    update({ error: error instanceof MessageError ? error.code : 'internal' });
  }
}

async function open(): Promise<void> {
  speak(await openPage(), document);
  onPageSettings((catalog) => {
    speak(catalog, document);
    update({});
  });
  update({});
  watchHeld((view) => {
    update({ view });
    // In the place of this page in the tab's history: "back" leads to the page before it.
    if (view.is === 'go' && /^https?:/.test(view.url)) location.replace(view.url);
  });
}

void open();
