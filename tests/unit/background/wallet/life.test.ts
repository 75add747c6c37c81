// The life of a wallet: made, confirmed, locked, unlocked, brought in, exported, changed, and what of it survives worker and browser.

import { Wallet } from 'ethers/wallet';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, lockAfterMs } from '../../../../src/core/state/settings.ts';
import { PASSWORD, WalletWorld } from '../../../support/wallet.ts';

const IDLE_MS = lockAfterMs(DEFAULT_SETTINGS);

const ABANDON = `${'abandon '.repeat(11)}about`;
const FIRST = '0x9858EfFD232B4033E47d90003D41EC34EcaEda94';
const KEY = '5e'.repeat(32);
const OTHER_PASSWORD = 'another one 42';

async function withAbandon(): Promise<WalletWorld> {
  const world = new WalletWorld();
  await world.ask('wallet/import', { source: { kind: 'words', words: ABANDON }, password: PASSWORD, replace: false });
  return world;
}

describe('a new wallet', () => {
  test('is made, shown once, confirmed with the words asked for, and opened with its password', async () => {
    const world = new WalletWorld();
    expect(await world.ask('wallet/status', {})).toEqual({ is: 'none' });
    await expect(world.ask('wallet/create', { password: 'short' })).rejects.toThrow('wallet-password-short');
    const { words, status } = await world.ask('wallet/create', { password: PASSWORD });
    expect(words).toHaveLength(12);
    if (status.is !== 'open') throw new Error('not open');
    expect(status).toMatchObject({ isConfirmed: false, wasRestored: false });
    expect(status.asked).toHaveLength(3);
    await expect(world.ask('wallet/create', { password: PASSWORD })).rejects.toThrow('wallet-exists');

    await expect(world.ask('wallet/confirm', { words: ['a', 'b', 'c'] })).rejects.toThrow('wallet-words-unconfirmed');
    const answers = status.asked.map((place) => words[place]!);
    expect(await world.ask('wallet/confirm', { words: answers })).toMatchObject({ isConfirmed: true, asked: [] });

    world.restartBrowser();
    expect(await world.ask('wallet/status', {})).toEqual({ is: 'locked', tryAgainAt: undefined });
    const open = await world.ask('wallet/unlock', { password: PASSWORD });
    expect(open).toMatchObject({ is: 'open', isConfirmed: true, accounts: status.accounts });
  });

  test('that was not confirmed asks again after the next unlock', async () => {
    const world = new WalletWorld();
    const { words } = await world.ask('wallet/create', { password: PASSWORD });
    world.restartBrowser();
    const status = await world.ask('wallet/unlock', { password: PASSWORD });
    if (status.is !== 'open') throw new Error('not open');
    expect(status.isConfirmed).toBe(false);
    const again = await world.ask('wallet/export', { password: PASSWORD, account: null });
    expect(again).toEqual({ kind: 'words', words });
    await world.ask('wallet/confirm', { words: status.asked.map((place) => words[place]!) });
  });
});

describe('the lock', () => {
  test('falls by itself after 15 minutes without use, in memory too, and a worker that slept over it finds it locked', async () => {
    const world = await withAbandon();
    world.browser.elapse(IDLE_MS - 1);
    expect(await world.ask('wallet/add-account', {})).toMatchObject({ is: 'open' });
    // Looking is no use.
    world.browser.elapse(IDLE_MS - 1);
    expect(await world.ask('wallet/status', {})).toMatchObject({ is: 'open' });
    world.kill();
    world.browser.elapse(1);
    expect(await world.ask('wallet/status', {})).toMatchObject({ is: 'locked' });
    await expect(world.ask('wallet/add-account', {})).rejects.toThrow('wallet-locked');
    await expect(world.wallet.useKey('deposit', FIRST, () => true)).rejects.toThrow('wallet-locked');
    world.browser.fire('lock-wallet');
    await world.ask('wallet/lock', {});
    expect(world.browser.stored.session.get('wallet-open')).toEqual({ version: 1, value: null });
  });

  test('falls when the person said, and with the browser where they said that', async () => {
    const world = await withAbandon();
    const setLock = (lockAfter: number | 'browser-closes'): void => {
      world.browser.stored.local.set('settings', { version: 1, value: { ...DEFAULT_SETTINGS, lockAfter } });
    };
    setLock(60);
    world.browser.elapse(60 * 60_000 - 1);
    expect(await world.ask('wallet/status', {})).toMatchObject({ is: 'open' });
    setLock('browser-closes');
    world.browser.elapse(1000 * 60 * 60_000);
    expect(await world.ask('wallet/status', {})).toMatchObject({ is: 'open', locksAt: undefined });
    await world.wallet.lockIfIdle();
    expect(world.browser.alarms.has('lock-wallet')).toBe(false);
    setLock(1);
    await world.wallet.lockIfIdle();
    expect(world.browser.stored.session.get('wallet-open')).toEqual({ version: 1, value: null });
  });

  test('takes the key out of memory at the alarm', async () => {
    const world = await withAbandon();
    world.browser.fire('lock-wallet');
    await world.wallet.lockIfIdle();
    expect(world.browser.stored.session.get('wallet-open')).toEqual({ version: 1, value: null });
  });

  test('falls on demand, and a worker that died leaves it as it was', async () => {
    const world = await withAbandon();
    world.kill();
    expect(await world.ask('wallet/status', {})).toMatchObject({ is: 'open' });
    expect(await world.ask('wallet/lock', {})).toMatchObject({ is: 'locked' });
  });
});

describe('accounts', () => {
  test('one pays: the first until another is chosen, in the vault and nowhere in clear, and no session key changes with it', async () => {
    const world = await withAbandon();
    const second = '0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0';
    expect(await world.ask('wallet/add-account', {})).toMatchObject({ paying: FIRST });
    const key = await world.wallet.sessionKey(3);
    expect(await world.ask('wallet/set-paying', { account: second })).toMatchObject({ paying: second });
    await expect(world.ask('wallet/set-paying', { account: `0x${'13'.repeat(20)}` })).rejects.toThrow(
      'wallet-account-unknown',
    );
    expect(await world.ask('wallet/change-password', { from: PASSWORD, to: OTHER_PASSWORD })).toMatchObject({
      paying: second,
    });
    world.restartBrowser();
    expect(JSON.stringify([...world.browser.stored.local]).toLowerCase()).not.toContain(second.slice(2).toLowerCase());
    await expect(world.ask('wallet/set-paying', { account: FIRST })).rejects.toThrow('wallet-locked');
    expect(await world.ask('wallet/unlock', { password: OTHER_PASSWORD })).toMatchObject({ paying: second });
    expect(await world.wallet.sessionKey(3)).toEqual(key);
    // It is nobody's in another wallet.
    const source = { kind: 'key' as const, key: KEY };
    const other = await world.ask('wallet/import', { source, password: PASSWORD, replace: true });
    expect(other).toMatchObject({ paying: new Wallet(`0x${KEY}`).address });
  });

  test('are derived one after another, and brought in by key and by file, each once', async () => {
    const world = await withAbandon();
    await world.ask('wallet/add-account', {});
    const source = { kind: 'key' as const, key: KEY };
    await world.ask('wallet/import', { source, password: PASSWORD, replace: false });
    await expect(world.ask('wallet/import', { source, password: PASSWORD, replace: false })).rejects.toThrow(
      'wallet-account-known',
    );
    const file = await world.ask('wallet/export', { password: PASSWORD, account: FIRST });
    if (file.kind !== 'keystore') throw new Error('no file');
    const other = new WalletWorld();
    await other.ask('wallet/import', {
      source: { kind: 'keystore', json: file.json, password: PASSWORD },
      ...{ password: OTHER_PASSWORD, replace: false },
    });
    expect(await other.ask('wallet/status', {})).toMatchObject({ accounts: [{ address: FIRST, kind: 'key' }] });
    await expect(other.ask('wallet/export', { password: OTHER_PASSWORD, account: null })).rejects.toThrow(
      'wallet-no-words',
    );
    world.restartBrowser();
    expect(await world.ask('wallet/unlock', { password: PASSWORD })).toMatchObject({
      accounts: [
        { address: FIRST, kind: 'derived' },
        { address: '0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0', kind: 'derived' },
        { address: new Wallet(`0x${KEY}`).address, kind: 'key' },
      ],
    });
  });

  test('lend their key for a deposit and a withdrawal, and for nothing else', async () => {
    const world = await withAbandon();
    const address = await world.wallet.useKey('withdrawal', FIRST, (key) => new Wallet(key).address);
    expect(address).toBe(FIRST);
    await expect(world.wallet.useKey('message' as 'deposit', FIRST, () => true)).rejects.toThrow('wallet-purpose');
    await expect(world.wallet.useKey('deposit', `0x${'0'.repeat(40)}`, () => true)).rejects.toThrow(
      'wallet-account-unknown',
    );
  });
});

describe('a change of the password', () => {
  test('needs the old one, and leaves nothing that the old one opens', async () => {
    const world = await withAbandon();
    const before = world.stored('vault');
    await expect(world.ask('wallet/change-password', { from: OTHER_PASSWORD, to: OTHER_PASSWORD })).rejects.toThrow(
      'wallet-password-wrong',
    );
    expect(world.stored('vault')).toBe(before);
    world.browser.elapse(1_000);
    await world.ask('wallet/change-password', { from: PASSWORD, to: OTHER_PASSWORD });
    expect(world.stored('vault-backup')).toBe(world.stored('vault'));
    world.restartBrowser();
    await expect(world.ask('wallet/unlock', { password: PASSWORD })).rejects.toThrow('wallet-password-wrong');
    world.browser.elapse(1_000);
    expect(await world.ask('wallet/unlock', { password: OTHER_PASSWORD })).toMatchObject({ is: 'open' });
  });
});

describe('session keys', () => {
  test('are there with the wallet locked, and after a restart of worker and browser', async () => {
    const world = await withAbandon();
    const key = await world.wallet.sessionKey(3);
    await world.ask('wallet/lock', {});
    world.restartBrowser();
    expect(await world.wallet.sessionKey(3)).toEqual(key);
    await expect(world.wallet.sessionKey(4)).rejects.toThrow('wallet-locked');
    expect(JSON.stringify([...world.browser.stored.local])).not.toContain(Buffer.from(key).toString('hex'));
  });

  test('that are damaged, or of another device, are derived again when the wallet is open', async () => {
    const world = await withAbandon();
    const key = await world.wallet.sessionKey(0);
    await world.wallet.sessionKey(1);
    const { value } = world.browser.stored.local.get('session-keys') as { value: Record<string, unknown> };
    // One in the place of the other does not open either.
    world.browser.stored.local.set('session-keys', { version: 1, value: { 0: value[1] } });
    await world.ask('wallet/lock', {});
    await expect(world.wallet.sessionKey(0)).rejects.toThrow('wallet-locked');
    await world.ask('wallet/unlock', { password: PASSWORD });
    expect(await world.wallet.sessionKey(0)).toEqual(key);
  });
});
