// The browser's notifications, where the person allowed them (an optional permission, asked for in the settings). A click leads to the tab, or to the deposit.

import { NOTICES, type NoticeKind } from '../core/state/notices.ts';

import type { Notices } from '../ports/host.ts';
import type { WorkerKey, Words } from '../ports/words.ts';
import { browser } from './browser.ts';

const WORDS: Record<NoticeKind, { title: WorkerKey; message: WorkerKey }> = {
  lost: { title: 'worker_notice_lost_title', message: 'worker_notice_lost' },
  money: { title: 'worker_notice_money_title', message: 'worker_notice_money' },
};
const DEPOSIT_PAGE = '/popup/index.html#/wallet/deposit';
/** The id says which tab it is about: the worker that is clicked may be another one. */
const idOf = (kind: NoticeKind, tab: number): string => `${kind} ${tab}`;

/** @param words of the worker */
export const createNotices = (words: Pick<Words, 'say'>): Notices => ({
  show: async (kind, tab) => {
    if (!(await areAllowed())) return;
    const { title, message } = WORDS[kind];
    await browser.notifications.create(idOf(kind, tab), {
      type: 'basic',
      iconUrl: browser.runtime.getURL('/icons/blocked-48.png'),
      title: words.say(title),
      message: words.say(message),
    });
  },
  end: async (kind) => {
    if (!(await areAllowed())) return;
    const shown = Object.keys(await browser.notifications.getAll());
    await Promise.all(shown.filter((id) => id.startsWith(`${kind} `)).map((id) => browser.notifications.clear(id)));
  },
});

/** Must be called in the first tick. */
export function listenToNotices(report: (error: unknown) => void): void {
  let listening = false;
  const listen = (): void => {
    // Without the permission the API is not there.
    if (listening || !hasApi()) return;
    listening = true;
    browser.notifications.onClicked.addListener((id) => void lead(id).catch(report));
  };
  listen();
  browser.permissions.onAdded.addListener(listen);
}

async function lead(id: string): Promise<void> {
  const [kind, tab] = id.split(' ');
  if (!NOTICES.some((each) => each === kind)) return;
  await browser.notifications.clear(id);
  if (kind === 'money') {
    await browser.tabs.create({ url: DEPOSIT_PAGE });
    return;
  }
  const { windowId } = await browser.tabs.update(Number(tab), { active: true });
  if (windowId !== undefined) await browser.windows.update(windowId, { focused: true });
}

async function areAllowed(): Promise<boolean> {
  return hasApi() && (await browser.permissions.contains({ permissions: ['notifications'] }));
}

function hasApi(): boolean {
  return (browser as Partial<typeof browser>).notifications !== undefined;
}
