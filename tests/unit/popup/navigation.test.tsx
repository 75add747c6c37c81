// @vitest-environment happy-dom
// @vitest-environment-options { "settings": { "handleDisabledFileLoadingAsSuccess": true } }
// The popup as it is opened: the first view, the way into the others by clicks alone, and back. The browser is a fake of the few functions that pages use.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { NO_WISHES } from '../../../src/core/circuit/relay-wishes.ts';
import type { RelaysView } from '../../../src/core/circuit/relays-view.ts';
import { encodeCell } from '../../../src/core/state/cell.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/state/settings.ts';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';
import { makeNormal, makePrivate, NO_TABS, tabsCell } from '../../../src/core/state/tab-records.ts';
import type { PaymentStatus } from '../../../src/core/payment/payment-status.ts';
import type { Message } from '../../../src/messages/protocol.ts';
import { english } from '../../support/english.ts';
import { CHANNEL, NO_PAYMENTS, QUESTION } from '../../support/payment-values.ts';

const SNAPSHOT: PopupSnapshot = {
  ...{ tab: 7, site: 'shop.test', canBePrivate: true, status: { is: 'off' }, circuit: undefined, scope: 'site' },
  ...{
    exitIsForSite: false,
    incognito: { isAllowed: true, isWanted: false },
    offersContainers: false,
    privateTabs: 0,
    rivals: [],
    tolerated: [],
    misleaders: [],
    trouble: undefined,
    siteRule: undefined,
  },
};
const FUNDED: PaymentStatus = {
  ...NO_PAYMENTS,
  ...{ account: QUESTION.message.from, balance: { is: 'known', amount: '12500000', readAt: 1 }, channels: [CHANNEL] },
  entry: { ...QUESTION.payee, pricePerGb: '110000', minDeposit: null, freeBytes: null },
};

const NO_RELAYS: RelaysView = {
  ...{ wishes: NO_WISHES, exitRegions: [], entryRegions: [], operators: [], moreOperators: 0 },
  ...{ all: { entries: 0, exits: 0 }, free: { entries: 0, exits: 0 }, fitting: { entries: 0, exits: 0 } },
};

let sent: Message[] = [];
let payments = FUNDED;
/** What storage holds, and who is told of a change. */
let stored: Record<string, unknown> = {};
let inSession: Record<string, unknown> = {};
/** The worker's first word on the port, and its answers, come when this is settled. */
let awake: Promise<unknown> = Promise.resolve();
type OnChanged = (changes: Record<string, unknown>) => void;
let changed: OnChanged = () => undefined;

function answer({ type, data }: Message): unknown {
  if (type === 'payments/status') return payments;
  if (type === 'payments/ask-deposit') {
    return { ...QUESTION, amount: data.amount, message: { ...QUESTION.message, value: data.amount } };
  }
  if (type === 'relays/read') return NO_RELAYS;
  if (type === 'tab/read') return SNAPSHOT;
  if (type === 'settings/read') return DEFAULT_SETTINGS;
  if (type !== 'wallet/status') return true;
  const account = { address: QUESTION.message.from, kind: 'derived' };
  return { is: 'open', accounts: [account], isConfirmed: true, asked: [], wasRestored: false, locksAt: 9e15 };
}

/** A busy machine draws late. */
const WAIT_MS = 10_000;

async function openPopup(hash = ''): Promise<void> {
  document.body.innerHTML = '<main id="popup"></main>';
  location.hash = hash;
  vi.resetModules();
  await import('../../../popup/main.tsx');
}

const there = (selector: string): Promise<HTMLElement> =>
  vi.waitFor(() => {
    const found = document.querySelector<HTMLElement>(selector);
    if (found === null) throw new Error(`no ${selector} in: ${document.body.textContent}`);
    return found;
  }, WAIT_MS);

async function click(selector: string): Promise<void> {
  (await there(selector)).click();
}

beforeEach(() => {
  sent = [];
  payments = FUNDED;
  stored = {};
  inSession = {};
  awake = Promise.resolve();
  const port = { onDisconnect: { addListener: () => undefined }, disconnect: () => undefined };
  const push = (listener: (snapshot: PopupSnapshot) => void): void => void awake.then(() => listener(SNAPSHOT));
  vi.stubGlobal('browser', {
    runtime: {
      id: 'conet',
      getManifest: () => ({ version: '1' }),
      connect: () => ({ ...port, onMessage: { addListener: push } }),
      sendMessage: async (message: Message) => {
        sent.push(message);
        await awake;
        return { ok: true, value: answer(message) };
      },
    },
    i18n: { getMessage: english },
    tabs: { query: async () => [{ id: 7, url: 'https://shop.test/', incognito: false }] },
    storage: {
      session: { get: async () => inSession },
      local: { get: async () => stored, onChanged: { addListener: (listener: OnChanged) => (changed = listener) } },
    },
    proxy: {},
  });
  vi.stubGlobal('chrome', { runtime: { id: 'conet' } });
  const added = vi.spyOn(globalThis, 'addEventListener');
  return () => {
    // The popup of one test must not draw into that of the next.
    for (const [type, listener] of added.mock.calls) removeEventListener(type, listener as EventListener);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  };
});

describe('the first view', () => {
  test('has the switch, the balance and the ways into the wallet', async () => {
    await openPopup();
    await vi.waitFor(() => expect(document.querySelector('.money')?.textContent).toBe('12.50 USDC'));
    expect(document.querySelector('[role=switch]')).not.toBeNull();
    // Nothing of the wallet is asked, so nothing of it is waited for.
    expect(new Set(sent.map(({ type }) => type))).toEqual(new Set(['payments/status']));
  });

  test('shows a deposit that waits before all other words of what can be done', async () => {
    payments = { ...FUNDED, deposit: QUESTION };
    await openPopup();
    const waits = await there('.said > div > :first-child.waits');
    expect(waits.textContent).toContain('5.00 USDC would be deposited with the relay of birch.');
    await click('.waits a');
    await click('[data-view="wallet/question"] button.main');
    await vi.waitFor(() => expect(sent.map(({ type }) => type)).toContain('payments/confirm-deposit'));
  });
});

describe('while the worker sleeps', () => {
  const withTab = (mode: 'normal' | 'private'): void => {
    const tabs = mode === 'normal' ? makeNormal(NO_TABS, 7, { reload: false }) : makePrivate(NO_TABS, 7, PAGE);
    inSession = { tabs: encodeCell(tabsCell, tabs) };
    awake = new Promise(() => undefined);
  };
  const PAGE = { url: undefined, hosts: ['shop.test'], reload: false };
  const lastSent = (): Message | undefined => sent.at(-1);

  test('the switch works from what is stored, and the click goes to the worker', async () => {
    withTab('normal');
    await openPopup();
    (await there('[role=switch]:not([disabled])[aria-checked=false]')).click();
    await there('[role=switch][aria-checked=true]');
    expect(lastSent()).toMatchObject({ type: 'tab/set-private', data: { tab: 7, wanted: true } });
    expect(document.querySelector('[data-tone]')?.getAttribute('data-tone')).toBe('connecting');
  });

  test('a private tab can be ended, and is not said to be private', async () => {
    withTab('private');
    await openPopup();
    const knob = await there('[role=switch]:not([disabled])[aria-checked=true]');
    expect(document.querySelector('[data-tone]')?.getAttribute('data-tone')).toBe('connecting');
    knob.click();
    await there('[role=switch][aria-checked=false]');
    expect(lastSent()).toMatchObject({ type: 'tab/set-private', data: { tab: 7, wanted: false } });
  });

  test.each([{}, { tabs: { version: 1, value: 7 } }, { tabs: encodeCell(tabsCell, NO_TABS) }])(
    'there is no switch to press where storage does not know the tab: %j',
    async (session) => {
      withTab('normal');
      inSession = session;
      await openPopup();
      await there('[role=switch][disabled]');
    },
  );
});

describe('before anything is drawn', () => {
  const withSettings = (value: object): void => {
    stored = { settings: { version: 1, value } };
  };

  test('the page has the colours that the person chose, and takes others at once', async () => {
    withSettings({ appearance: 'dark' });
    await openPopup();
    await there('[role=switch]');
    expect(document.documentElement.dataset['theme']).toBe('dark');
    withSettings({ appearance: 'light' });
    changed({ settings: {} });
    await vi.waitFor(() => expect(document.documentElement.dataset['theme']).toBe('light'));
    withSettings({ appearance: 'auto' });
    changed({ settings: {} });
    await vi.waitFor(() => expect(document.documentElement.hasAttribute('data-theme')).toBe(false));
  });

  test('the page has a language and a direction', async () => {
    document.documentElement.lang = document.documentElement.dir = '';
    await openPopup();
    await there('[role=switch]');
    expect([document.documentElement.lang, document.documentElement.dir]).toEqual(['en', 'ltr']);
  });

  test('settings that cannot be read keep no page from being drawn', async () => {
    withSettings({ appearance: 7 });
    await openPopup();
    await there('[role=switch]');
    expect(document.documentElement.hasAttribute('data-theme')).toBe(false);
  });
});

describe('the options page', () => {
  beforeEach(() => {
    document.documentElement.dataset['page'] = 'full';
    return () => delete document.documentElement.dataset['page'];
  });

  test('begins with the settings, lists views beside them and finds what is asked for', async () => {
    await openPopup();
    await there('[data-view=settings]');
    expect((await there('nav a[aria-current=page]')).textContent).toBe('Settings');
    const find = (await there('#find')) as HTMLInputElement;
    find.value = 'rpc';
    find.dispatchEvent(new Event('input', { bubbles: true }));
    await vi.waitFor(() => {
      const ways = [...document.querySelectorAll('nav a')].map((way) => way.getAttribute('href'));
      expect(ways).toEqual(['#/wallet/servers']);
    });
    find.form?.requestSubmit();
    await vi.waitFor(() => expect(location.hash).toBe('#/wallet/servers'));
  });

  test('an address leads to its view', async () => {
    await openPopup('#/wallet/limits');
    await there('nav');
    await there('[data-view="wallet/limits"]');
  });
});

describe('from the first view', () => {
  test('a deposit is two clicks', async () => {
    await openPopup();
    await click('[data-action=deposit]');
    await click('.question button.main');
    await vi.waitFor(() => {
      expect(sent.at(-1)).not.toBeUndefined();
      expect(sent.filter(({ type }) => type === 'payments/confirm-deposit')).toHaveLength(1);
    });
  });

  test.each([
    ['close', 'payments/close-channel'],
    ['withdraw', 'payments/withdraw'],
  ])('to %s is two clicks', async (action, type) => {
    await openPopup();
    await click('[data-action=wallet]');
    await click(`[data-channel] [data-action=${action}]`);
    await vi.waitFor(() => {
      expect(sent.filter((message) => message.type === type).map(({ data }) => data)).toEqual([{ id: CHANNEL.id }]);
    });
  });
});

test('the relays are one click away, and need no wallet', async () => {
  await openPopup();
  await click('[href="#/relays"]');
  await there('[data-view="relays"]');
  expect(sent.map(({ type }) => type)).not.toContain('wallet/status');
});

test('an address leads to its view, and back leads home, where the switch has the focus', async () => {
  await openPopup('#/wallet/limits');
  await there('[data-view="wallet/limits"]');
  expect(document.querySelector('[role=switch]')).toBeNull();
  await click('.back');
  await there('[data-view="wallet"]');
  await click('.back');
  const toggle = await there('[role=switch]');
  await vi.waitFor(() => expect(document.activeElement).toBe(toggle));
  expect(document.querySelector('[data-view]')).toBeNull();
});
