// @vitest-environment happy-dom
// Which of several accounts pays: chosen where they are listed.

import { expect, test } from 'vitest';
import { PopupPage } from '../../support/popup-page.tsx';
import { PASSWORD } from '../../support/wallet.ts';

const ABANDON = `${'abandon '.repeat(11)}about`;

test('lets the person choose which account pays, once there are two', async () => {
  const page = new PopupPage();
  const source = { kind: 'words' as const, words: ABANDON };
  await page.world.ask('wallet/import', { source, password: PASSWORD, replace: false });
  await page.open('wallet/accounts');
  expect(page.text).not.toContain('Pay from this account');
  await page.click('Add an account');
  const notes = (): string[] => page.all('li .note');
  expect(notes()).toEqual(['from your words, pays deposits', 'from your words']);
  await page.click('Pay from this account');
  expect(notes()).toEqual(['from your words', 'from your words, pays deposits']);
  expect(page.text).toContain('what is left of them comes back to it');
});
