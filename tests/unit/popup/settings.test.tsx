// @vitest-environment happy-dom
// The settings' views: what is chosen is sent and shows at once, what is stored is listed, a wallet is wiped only by a word of its own, a log is seen before
// it is copied; and the first run.

import { beforeEach, describe, expect, test } from 'vitest';
import { act } from 'preact/test-utils';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/core/state/settings.ts';
import { PopupPage } from '../../support/popup-page.tsx';

const SNAPSHOT: PopupSnapshot = {
  ...{ tab: 1, site: undefined, exitIsForSite: false, canBePrivate: false, status: { is: 'off' } },
  ...{ circuit: undefined, scope: 'tab', incognito: { isAllowed: true, isWanted: false }, offersContainers: true },
  ...{ privateTabs: 2, rivals: [], tolerated: [], misleaders: [], trouble: undefined, siteRule: undefined },
};

let page: PopupPage;
let stored: Settings;
beforeEach(() => {
  page = new PopupPage();
  stored = DEFAULT_SETTINGS;
  page.answers['tab/read'] = SNAPSHOT;
  page.answers['settings/read'] = () => stored;
  page.answers['settings/set'] = ({ change }: { change: Partial<Settings> }) => (stored = { ...stored, ...change });
});

const changes = (): unknown[] =>
  page.sent.filter(({ type }) => type === 'settings/set').map(({ data }) => (data as { change: unknown }).change);

async function choose(name: string, value: string): Promise<void> {
  const select = document.querySelector<HTMLSelectElement>(`select[name=${name}]`)!;
  await act(() => {
    select.value = value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await page.settled();
}

describe('the settings', () => {
  test('send what was chosen, and nothing else', async () => {
    await page.open('settings');
    await choose('appearance', 'dark');
    await choose('language', 'ar');
    await choose('lock', 'browser-closes');
    await choose('lock', '60');
    await page.click('Make every new tab private');
    await page.click('Tell me when protection is lost, or about money');
    expect(changes()).toEqual([
      { appearance: 'dark' },
      { language: 'ar' },
      { lockAfter: 'browser-closes' },
      { lockAfter: 60 },
      { auto: 'new-tabs' },
      { notifications: false },
    ]);
    expect(page.text).toContain('Saved.');
  });

  test('have notifications on only where the browser shows them, and ask for that', async () => {
    page.browser.notifies = false;
    await page.open('settings');
    const box = document.querySelector<HTMLInputElement>('[name=notifications]')!;
    expect(box.checked).toBe(false);
    await page.click('Tell me when protection is lost, or about money');
    expect(page.browser.did).toEqual(['ask to notify']);
    expect(document.querySelector<HTMLInputElement>('[name=notifications]')!.checked).toBe(true);
    expect(changes()).toEqual([{ notifications: true }]);
  });

  test('that were refused show what is', async () => {
    await page.open('settings');
    page.answers['settings/set'] = new Error('internal');
    await choose('appearance', 'dark');
    expect(page.trouble).not.toBe('');
    expect(document.querySelector<HTMLSelectElement>('select[name=appearance]')!.value).toBe('auto');
    expect(page.text).not.toContain('Saved.');
  });

  test('have the switch of private windows too, and the ways to what is set elsewhere', async () => {
    page.answers['incognito/set'] = { ...SNAPSHOT, incognito: { isAllowed: true, isWanted: true } };
    await page.open('settings');
    await page.click('Make all private windows private');
    expect(page.sent).toContainEqual({ type: 'incognito/set', data: { tab: 1, wanted: true } });
    const ways = [...document.querySelectorAll('a')].map((way) => way.getAttribute('href'));
    expect(ways).toEqual(expect.arrayContaining(['#/relays', '#/relays/begin', '#/wallet/limits', '#/wallet/servers']));
  });
});

describe('what is stored', () => {
  test('is listed by area, with sizes, and says what is secret', async () => {
    page.answers['settings/stored'] = [
      { key: 'vault', about: 'settings_cell_vault', area: 'local', secret: true, bytes: 1234 },
      { key: 'tabs', about: 'settings_cell_tabs', area: 'session', secret: false, bytes: 40 },
      { key: 'held', about: 'settings_cell_held', area: 'session', secret: false, bytes: 0 },
    ];
    await page.open('settings/stored');
    expect(page.all('[data-cell=vault]')).toEqual(['The wallet, encrypted with your password1.2 kBsecret']);
    expect(page.all('[data-cell=tabs]')).toEqual(['Which tabs are private40 byte']);
    expect(page.all('[data-cell=held]')).toEqual([]);
    expect(page.text).toContain('1 more thing is empty now.');
  });

  test('without a wallet is wiped by one button', async () => {
    await page.open('settings/wipe');
    expect(page.text).toContain('2 private tabs are closed first.');
    expect(document.querySelectorAll('input')).toHaveLength(0);
    await page.click('Wipe');
    expect(page.sent).toContainEqual({ type: 'settings/wipe', data: { wallet: false } });
    expect(page.text).toContain('the first steps open');
  });

  test('keeps the wallet unless the person says twice that it may go', async () => {
    await page.world.ask('wallet/create', { password: 'correct horse battery' });
    await page.open('settings/wipe');
    await page.click('Wipe the wallet too');
    expect(page.text).toContain('You have not confirmed that you wrote the words down.');
    expect(page.button('Wipe everything and the wallet').disabled).toBe(true);
    // A change of mind takes the word back.
    await page.click('I have the words, or there is no money in it');
    await page.click('Keep the wallet and its deposits');
    await page.click('Wipe the wallet too');
    expect(page.button('Wipe everything and the wallet').disabled).toBe(true);
    await page.click('I have the words, or there is no money in it');
    await page.click('Wipe everything and the wallet');
    expect(page.sent.filter(({ type }) => type === 'settings/wipe')).toEqual([
      { type: 'settings/wipe', data: { wallet: true } },
    ]);
  });

  test('with a wallet that is kept wipes the rest', async () => {
    await page.world.ask('wallet/create', { password: 'correct horse battery' });
    await page.open('settings/wipe');
    await page.click('Wipe');
    expect(page.sent).toContainEqual({ type: 'settings/wipe', data: { wallet: false } });
  });
});

test('the log is shown as it is copied', async () => {
  page.answers['settings/log'] = [{ at: Date.UTC(2026, 0, 2), event: 'circuit', code: 'verified' }];
  await page.open('settings/log');
  const text = 'CONET 1.2.3\n2026-01-02T00:00:00.000Z circuit verified';
  expect(page.all('pre')).toEqual([text]);
  await page.click('Copy it');
  expect(page.browser.did).toEqual([`copy ${text}`]);
});

test('shortcuts show the keys that the browser gave', async () => {
  page.browser.shortcuts = [
    { what: 'Make this tab private, or end it', keys: 'Alt+Shift+Y' },
    { what: 'Open a new private tab', keys: '' },
  ];
  await page.open('settings/shortcuts');
  expect(page.all('dd')).toEqual(['Alt+Shift+Y', 'No key']);
  await page.click('Change them in the browser');
  expect(page.browser.did).toEqual(['open shortcuts']);
});

describe('the first run', () => {
  test('takes one click to a first private tab, and says when it is one and what sites see', async () => {
    await page.open('welcome');
    await page.click('Open a private tab');
    expect(page.sent).toContainEqual({ type: 'tab/set-private', data: { tab: 8, wanted: true } });
    expect(page.all('[data-state], [role=status]')[0]).toContain('Finding a way');
    const circuit = { entry: { operator: 'alder', region: 'DE' }, exit: { operator: 'birch', region: 'IS' } };
    await act(() => page.browser.push!({ ...SNAPSHOT, status: { is: 'private' }, circuit }));
    expect(page.text).toContain('Sites now see the address of birch, Iceland.');
    await page.click('Go to the private tab');
    expect(page.browser.did).toEqual(['open blank', 'watch 8', 'show 8']);
  });

  test('asks Firefox first where that is needed', async () => {
    page.browser.isFirefox = true;
    page.browser.seesSites = false;
    await page.open('welcome');
    expect(page.text).not.toContain('Open a private tab');
    await page.click('Allow it for all sites');
    expect(page.button('Open a private tab').disabled).toBe(false);
    page.answers['tab/read'] = { ...SNAPSHOT, incognito: { isAllowed: false, isWanted: false } };
    await act(() => void dispatchEvent(new Event('focus')));
    await page.settled();
    expect(page.text).toContain('Run in Private Windows');
  });

  test('says what is not protected, with what holds in this browser', async () => {
    await page.open('welcome');
    expect(page.text).toContain('Cookies and logins stay');
    expect(page.text).toContain('goes the private way in both');
  });
});
