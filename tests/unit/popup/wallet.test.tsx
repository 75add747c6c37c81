// @vitest-environment happy-dom
// The wallet's views, clicked through against the worker's real wallet: each thing a person does with it, and nothing of it left behind.

import { describe, expect, test, vi } from 'vitest';
import { PopupPage } from '../../support/popup-page.tsx';
import { PASSWORD, WalletWorld } from '../../support/wallet.ts';

const ABANDON = `${'abandon '.repeat(11)}about`;
const FIRST = '0x9858EfFD232B4033E47d90003D41EC34EcaEda94';
const OTHER = 'another one 42';

async function fresh(): Promise<PopupPage> {
  const page = new PopupPage();
  await page.open('wallet');
  return page;
}

async function withAbandon(): Promise<PopupPage> {
  const page = new PopupPage();
  const source = { kind: 'words' as const, words: ABANDON };
  await page.world.ask('wallet/import', { source, password: PASSWORD, replace: false });
  await page.open('wallet');
  return page;
}

async function create(page: PopupPage): Promise<string[]> {
  await page.type('New password', PASSWORD);
  await page.type('The same again', PASSWORD);
  await page.click('Create a wallet');
  return page.all('ol.words li');
}

/** Those of the words that the document still holds as text or in a field. */
function leftOf(page: PopupPage, words: readonly string[]): string[] {
  return words.filter((word) => new RegExp(`(>|^)\\s*${word}\\s*(<|$)`, 'm').test(page.everything));
}

/** Everything that is put into the document from now on, however briefly. */
function watchDocument(): () => string {
  const added: string[] = [];
  const note = (records: MutationRecord[]): void => {
    for (const { addedNodes } of records) added.push(...[...addedNodes].map((node) => node.textContent ?? ''));
  };
  const observer = new MutationObserver(note);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    note(observer.takeRecords());
    observer.disconnect();
    return added.join('\n');
  };
}

describe('a new wallet', () => {
  test('is made, its words shown once and three asked back, and open then', async () => {
    const page = await fresh();
    expect(page.text).toContain('A wallet for relays');
    const words = await create(page);
    expect(words).toHaveLength(12);
    await page.click('I have written them down');
    expect(page.view).toBe('wallet/confirm');
    expect(leftOf(page, words)).toEqual([]);
    const asked = page.all('label').map((label) => Number(/^Word (\d+)$/.exec(label)![1]));
    expect(asked).toHaveLength(3);

    for (const place of asked) await page.type(`Word ${place}`, 'zebra');
    await page.click('Confirm');
    expect(page.trouble).toContain('not the words that were asked for');
    for (const place of asked) await page.type(`Word ${place}`, words[place - 1]!);
    await page.click('Confirm');
    expect(page.view).toBe('wallet');
    expect(page.text).not.toContain('not confirmed');
    expect(page.text).toContain('Balance');
    expect(await page.world.ask('wallet/status', {})).toMatchObject({ is: 'open', isConfirmed: true });
    expect(page.everything).not.toContain(PASSWORD);
  });

  test('that is made on the way to a deposit shows its words before anything is asked of a relay', async () => {
    const page = new PopupPage();
    await page.open('wallet/deposit');
    const words = await create(page);
    expect(words).toHaveLength(12);
    expect(page.sent).toEqual([]);
    await page.click('I have written them down');
    expect(page.view).toBe('wallet/confirm');
  });

  test('whose making was left in the middle shows its words on no return', async () => {
    const page = await fresh();
    await page.type('New password', PASSWORD);
    await page.type('The same again', PASSWORD);
    page.button('Create a wallet').click();
    await page.open('wallet/limits');
    const drawn = watchDocument();
    await page.open('wallet');
    expect(page.text).toContain('Your words are not confirmed yet.');
    const seen = drawn();
    expect(seen).toContain('Balance');
    expect(seen).not.toContain('Write these words down');
  });

  test('is not made of two different passwords or a short one', async () => {
    const page = await fresh();
    await page.type('New password', PASSWORD);
    await page.type('The same again', `${PASSWORD}.`);
    await page.click('Create a wallet');
    expect(page.trouble).toBe('The two are not the same.');
    await page.type('New password', 'short');
    expect(page.text).toContain('5 more characters are needed.');
    await page.type('The same again', 'short');
    await page.click('Create a wallet');
    expect(page.trouble).toContain('at least 10 characters');
    expect(await page.world.ask('wallet/status', {})).toEqual({ is: 'none' });
  });

  test('whose words were not confirmed says so, and shows them again behind the password only', async () => {
    const page = await fresh();
    const words = await create(page);
    // To another view and back: the words are gone.
    await page.open('wallet/limits');
    await page.open('wallet');
    expect(leftOf(page, words)).toEqual([]);
    expect(page.text).toContain('Your words are not confirmed yet.');
    await page.click('Confirm them');
    await page.click('Show the words again');
    await page.type('Password of the wallet', PASSWORD);
    await page.click('Show the words');
    expect(page.all('ol.words li')).toEqual(words);
    await page.click('Hide them');
    expect(leftOf(page, words)).toEqual([]);
  });
});

describe('a locked wallet', () => {
  test('opens with its password', async () => {
    const page = await withAbandon();
    await page.open('wallet/accounts');
    await page.click('Lock now');
    expect(page.text).toContain('The wallet is locked');
    await page.type('Password of the wallet', PASSWORD);
    await page.click('Unlock');
    expect(page.text).toContain('Balance');
    expect(page.everything).not.toContain(PASSWORD);
  });

  test('says a wrong password, empties the field, and counts down to the next try', async () => {
    const page = await withAbandon();
    await page.world.ask('wallet/lock', {});
    await page.open('home');
    await page.open('wallet');
    await page.type('Password of the wallet', 'wrong password');
    await page.click('Unlock');
    expect(page.trouble).toBe('The password is wrong.');
    expect(page.everything).not.toContain('wrong password');
    expect(page.button('Try again in 1 s').disabled).toBe(true);
    page.world.browser.elapse(1_000);
    await page.open('home');
    await page.open('wallet');
    expect(page.button('Unlock').disabled).toBe(false);
  });

  test('keeps what needs an account behind the password, and leads on to it', async () => {
    const page = await withAbandon();
    await page.world.ask('wallet/lock', {});
    await page.open('home');
    await page.open('wallet/accounts');
    expect(page.text).not.toContain(FIRST);
    await page.type('Password of the wallet', PASSWORD);
    await page.click('Unlock');
    expect(page.view).toBe('wallet/accounts');
    expect(page.text).toContain(FIRST);
  });

  test('gives its place to another one only when the person agrees', async () => {
    const page = await withAbandon();
    await page.world.ask('wallet/lock', {});
    await page.open('home');
    await page.open('wallet/import');
    expect(page.button('Bring it in').disabled).toBe(true);
    await page.click('I have the words of the old wallet, or do not need it any more');
    await page.click('A private key');
    await page.type('The private key', '5e'.repeat(32));
    await page.type('New password', OTHER);
    await page.type('The same again', OTHER);
    await page.click('Bring it in');
    expect(page.trouble).toBe('');
    const status = await page.world.ask('wallet/status', {});
    expect(status).toMatchObject({ is: 'open', accounts: [{ kind: 'key' }] });
    expect(page.everything).not.toContain('5e5e5e');
  });
});

describe('what is brought in', () => {
  test('by words with a slip says so, keeps them for mending, and is taken then', async () => {
    const page = await fresh();
    await page.open('wallet/import');
    await page.type('The words, in their order', ABANDON.replace('about', 'abuot'));
    await page.type('New password', PASSWORD);
    await page.type('The same again', PASSWORD);
    await page.click('Bring it in');
    expect(page.trouble).toContain('not the words of a wallet');
    expect(page.everything).toContain('abuot');
    expect(page.everything).not.toContain(PASSWORD);
    await page.type('The words, in their order', ABANDON);
    await page.type('New password', PASSWORD);
    await page.type('The same again', PASSWORD);
    await page.click('Bring it in');
    expect(page.view).toBe('wallet');
    expect(page.everything).not.toContain('abandon');
    await page.open('wallet/accounts');
    expect(page.all('code')).toEqual([FIRST]);
  });

  test.each([
    ['A private key', 'The private key', '12', 'This is not a private key'],
    ['A keystore file', 'The text of the file', '{"version":3}', 'not a keystore file'],
    ['A keystore file', 'The text of the file', ' '.repeat(20_000), 'too large'],
  ])('as %s that is none says what is wrong (%#)', async (kind, label, text, words) => {
    const page = await fresh();
    await page.open('wallet/import');
    await page.type('The words, in their order', 'typed for another kind');
    await page.click(kind);
    expect(page.everything).not.toContain('typed for another kind');
    await page.type(label, text);
    await page.type('New password', PASSWORD);
    await page.type('The same again', PASSWORD);
    await page.click('Bring it in');
    expect(page.trouble).toContain(words);
    expect(await page.world.ask('wallet/status', {})).toEqual({ is: 'none' });
  });
});

describe('an open wallet', () => {
  test('gets another account, and shows its words behind the password and no longer than they are looked at', async () => {
    const page = await withAbandon();
    await page.open('wallet/accounts');
    await page.click('Add an account');
    expect(page.all('code')).toHaveLength(2);
    await page.open('wallet/export');
    await page.type('Password of the wallet', 'wrong password');
    await page.click('Show the words');
    expect(page.trouble).toBe('The password is wrong.');
    page.world.browser.elapse(1_000);
    await page.type('Password of the wallet', PASSWORD);
    await page.click('Show the words');
    expect(page.all('ol.words li').join(' ')).toBe(ABANDON);
    await page.open('wallet/accounts');
    expect(page.everything).not.toContain('abandon');
    await page.open('wallet/export');
    expect(page.everything).not.toContain('abandon');
  });

  test('saves a keystore file that its password opens, and none for a view that was left meanwhile', async () => {
    const saved: Blob[] = [];
    const save = vi.spyOn(URL, 'createObjectURL').mockImplementation((file) => {
      saved.push(file as Blob);
      return 'blob:test';
    });
    const page = await withAbandon();
    await page.open('wallet/export');
    await page.click(`Keystore file of ${FIRST}`);
    await page.type('Password of the wallet', PASSWORD);
    await page.click('Save the file');
    expect(page.text).toContain('The file is saved.');
    expect(saved).toHaveLength(1);
    const other = new WalletWorld();
    const source = { kind: 'keystore' as const, json: await saved[0]!.text(), password: PASSWORD };
    const status = await other.ask('wallet/import', { source, password: PASSWORD, replace: false });
    expect(status).toMatchObject({ accounts: [{ address: FIRST }] });

    await page.type('Password of the wallet', PASSWORD);
    page.button('Save the file').click();
    await page.open('wallet');
    expect(saved).toHaveLength(1);
    save.mockRestore();
  });

  test('changes its password', async () => {
    const page = await withAbandon();
    await page.open('wallet/password');
    await page.type('Password of now', PASSWORD);
    await page.type('New password', OTHER);
    await page.type('The same again', OTHER);
    await page.click('Change it');
    expect(page.text).toContain('The password is changed.');
    expect(page.everything).not.toContain(OTHER);
    await page.world.ask('wallet/lock', {});
    expect(await page.world.ask('wallet/unlock', { password: OTHER })).toMatchObject({ is: 'open' });
  });
});

test('a wallet that cannot be read says what that means, and the way out', async () => {
  const page = await withAbandon();
  page.world.restartBrowser();
  page.world.store('vault', 'damaged');
  page.world.store('vault-backup', 'damaged');
  await page.open('home');
  await page.open('wallet');
  expect(page.text).toContain('The stored wallet is damaged, and so is its copy.');
  expect(page.text).toContain('Your money is not');
  await page.click('Bring it in with its words');
  expect(page.view).toBe('wallet/import');
});

test('every view has its way back, a title, and a label for each of its fields', async () => {
  const page = await withAbandon();
  const routes = [
    'wallet',
    'wallet/import',
    'wallet/accounts',
    'wallet/export',
    'wallet/password',
    'wallet/limits',
  ] as const;
  for (const route of routes) {
    await page.open(route);
    expect(page.view).toBe(route);
    expect(page.all('header a')).toEqual(['Back']);
    expect(page.all('h1')).toHaveLength(1);
    for (const field of document.querySelectorAll<HTMLInputElement>('input, textarea')) {
      const isLabelled = field.closest('label') !== null || document.querySelector(`label[for="${field.id}"]`) !== null;
      expect(isLabelled, `${route}: ${field.outerHTML}`).toBe(true);
    }
  }
});
