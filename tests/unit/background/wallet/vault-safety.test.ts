// What the vault survives, and what does not get in: damage, kills in the middle of a write, wrong passwords, weak parameters; and no secret gets out.

import { expect, test } from 'vitest';
import { createKeyring } from '../../../../src/chain/wallet/keyring.ts';
import { encodeVault, parseVault } from '../../../../src/core/wallet/vault.ts';
import { PASSWORD, WalletWorld } from '../../../support/wallet.ts';

const WORDS = `${'legal winner thank year wave sausage worth useful '.repeat(1)}legal winner thank yellow`;
const OTHER = { source: { kind: 'key' as const, key: '5e'.repeat(32) }, password: 'another one 42' };

async function withWords(): Promise<WalletWorld> {
  const world = new WalletWorld();
  await world.ask('wallet/import', { source: { kind: 'words', words: WORDS }, password: PASSWORD, replace: false });
  return world;
}

function damage(text: string, at: number): string {
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
}

test('a vault with any byte flipped is read from its copy; with both damaged it is named so, and not written over', async () => {
  const world = await withWords();
  await world.ask('wallet/lock', {});
  const text = world.stored('vault');
  for (let at = 0; at < text.length; at++) {
    world.store('vault', damage(text, at));
    world.store('vault-backup', text);
    expect(await world.ask('wallet/status', {})).toMatchObject({ is: 'locked' });
    world.store('vault-backup', damage(text, (at + 7) % text.length));
    expect(await world.ask('wallet/status', {})).toEqual({ is: 'damaged', why: 'wallet-damaged' });
  }
  await expect(world.ask('wallet/unlock', { password: PASSWORD })).rejects.toThrow('wallet-damaged');
  await expect(world.ask('wallet/create', { password: PASSWORD })).rejects.toThrow('wallet-exists');
  await expect(world.ask('wallet/import', { ...OTHER, replace: false })).rejects.toThrow('wallet-damaged');
  // Only the person's own word replaces it.
  expect(await world.ask('wallet/import', { ...OTHER, replace: true })).toMatchObject({ is: 'open' });
});

test.each([
  ['damaged', (world: WalletWorld) => world.store('vault', damage(world.stored('vault'), 40))],
  ['a cell of no form', (world: WalletWorld) => world.browser.stored.local.set('vault', 7)],
  ['gone', (world: WalletWorld) => world.browser.stored.local.delete('vault')],
])('a vault that is %s is restored from its copy at the next unlock, and the person is told', async (_, harm) => {
  const world = await withWords();
  const text = world.stored('vault');
  world.restartBrowser();
  harm(world);
  expect(await world.ask('wallet/unlock', { password: PASSWORD })).toMatchObject({ is: 'open', wasRestored: true });
  expect(world.stored('vault')).toBe(text);
  world.restartBrowser();
  expect(await world.ask('wallet/unlock', { password: PASSWORD })).toMatchObject({ wasRestored: false });
});

test('a worker killed between the two cells of a change of password leaves the new one in force, and the copy follows', async () => {
  const world = await withWords();
  const old = world.stored('vault');
  await world.ask('wallet/change-password', { from: PASSWORD, to: OTHER.password });
  // As if it had died right after the first write.
  world.store('vault-backup', old);
  world.restartBrowser();
  await expect(world.ask('wallet/unlock', { password: PASSWORD })).rejects.toThrow('wallet-password-wrong');
  world.browser.elapse(1_000);
  await world.ask('wallet/unlock', { password: OTHER.password });
  expect(world.stored('vault-backup')).toBe(world.stored('vault'));
});

test('a wrong password makes the next try wait, whatever is restarted, and the right one is not even tried before', async () => {
  const world = await withWords();
  world.restartBrowser();
  for (const [failures, wait] of [1_000, 1_000, 1_000, 2_000, 4_000].entries()) {
    await expect(world.ask('wallet/unlock', { password: 'wrong password' }), `${failures}`).rejects.toThrow('wrong');
    world.restartBrowser();
    const until = world.browser.now + wait;
    expect(await world.ask('wallet/status', {})).toEqual({ is: 'locked', tryAgainAt: until });
    for (const type of ['wallet/unlock', 'wallet/export'] as const) {
      const data = type === 'wallet/unlock' ? { password: PASSWORD } : { password: PASSWORD, account: null };
      await expect(world.ask(type, data as never)).rejects.toThrow('wallet-too-soon');
    }
    world.browser.elapse(wait - 1);
    await expect(world.ask('wallet/unlock', { password: PASSWORD })).rejects.toThrow('wallet-too-soon');
    world.browser.elapse(1);
  }
  expect(await world.ask('wallet/unlock', { password: PASSWORD })).toMatchObject({ is: 'open' });
  await world.ask('wallet/lock', {});
  expect(await world.ask('wallet/status', {})).toEqual({ is: 'locked', tryAgainAt: undefined });
});

test('a worker killed in the middle of a try has used it up', async () => {
  const world = await withWords();
  world.restartBrowser();
  const { promise: reached, resolve } = Promise.withResolvers<undefined>();
  world.keyring = { ...createKeyring(), deriveKey: () => (resolve(undefined), new Promise(() => undefined)) };
  void world.ask('wallet/unlock', { password: 'wrong password' }).catch(() => undefined);
  await reached;
  world.kill();
  world.keyring = createKeyring();
  await expect(world.ask('wallet/unlock', { password: PASSWORD })).rejects.toThrow('wallet-too-soon');
});

test('tries that come at once count one after another', async () => {
  const world = await withWords();
  await world.ask('wallet/lock', {});
  const tries = Array.from({ length: 5 }, () => world.ask('wallet/unlock', { password: 'wrong password' }));
  const reasons = (await Promise.allSettled(tries)).map((each) => String((each as PromiseRejectedResult).reason));
  expect(reasons).toEqual([
    'Error: wallet-password-wrong',
    ...Array.from({ length: 4 }, () => 'Error: wallet-too-soon'),
  ]);
});

test('a vault of weaker parameters is wrapped with those of today at the next unlock', async () => {
  const world = new WalletWorld();
  world.keyring = createKeyring({ canUseWasm: () => false });
  await world.ask('wallet/import', { source: { kind: 'words', words: WORDS }, password: PASSWORD, replace: false });
  expect(parseVault(world.stored('vault')).kdf.name).toBe('pbkdf2-sha256');
  world.keyring = createKeyring();
  world.restartBrowser();
  await world.ask('wallet/unlock', { password: PASSWORD });
  expect(parseVault(world.stored('vault')).kdf).toMatchObject({ name: 'argon2id', m: 65_536, t: 3 });
  expect(world.stored('vault-backup')).toBe(world.stored('vault'));
  // The key in memory is the new one's.
  expect(await world.ask('wallet/add-account', {})).toMatchObject({ is: 'open' });
  world.restartBrowser();
  expect(await world.ask('wallet/unlock', { password: PASSWORD })).toMatchObject({ is: 'open' });
});

test('a vault that asks for a weak protection is not opened, and not tried', async () => {
  const world = await withWords();
  const vault = parseVault(world.stored('vault'));
  for (const key of ['vault', 'vault-backup'] as const) {
    world.store(key, encodeVault({ ...vault, kdf: { ...vault.kdf, name: 'argon2id', m: 8, t: 1, p: 1 } }));
  }
  world.restartBrowser();
  await expect(world.ask('wallet/unlock', { password: PASSWORD })).rejects.toThrow('wallet-parameters');
  expect(await world.ask('wallet/status', {})).toEqual({ is: 'damaged', why: 'wallet-parameters' });
});

test('no key, word, entropy, password or vault key is in any answer, report, error, or on disk', async () => {
  const world = new WalletWorld();
  const { words } = await world.ask('wallet/create', { password: PASSWORD });
  // The one answer that may hold them, and the export below.
  const allowed = [world.says.pop()];
  const keyring = createKeyring();
  const content = await keyring.fromWords(words.join(' '));
  const address = content.accounts[0]!.address;
  const imported = 'c0ffee'.padStart(64, '1');
  await world.ask('wallet/add-account', {});
  await world.ask('wallet/import', { source: { kind: 'key', key: imported }, password: PASSWORD, replace: false });
  const vaultKey = (world.browser.stored.session.get('wallet-open') as { value: { key: string } }).value.key;
  const sessionKey = Buffer.from(await world.wallet.sessionKey(0)).toString('hex');
  const privateKey = await world.wallet.useKey('deposit', address, (key) => key.slice(2));
  const wrong = 'wrong password 1';
  const refused = [
    world.ask('wallet/unlock', { password: wrong }),
    world.ask('wallet/confirm', { words: words.slice(0, 2) }),
    world.ask('wallet/import', { source: { kind: 'key', key: `${imported}00` }, password: PASSWORD, replace: true }),
    world.wallet.useKey('deposit', address, (key) => Promise.reject(new Error(key === '' ? 'x' : 'signing failed'))),
  ];
  const errors = (await Promise.allSettled(refused)).map((each) => String((each as PromiseRejectedResult).reason));
  world.browser.elapse(1_000);
  await world.ask('wallet/export', { password: PASSWORD, account: null });
  allowed.push(world.says.pop());
  await world.ask('wallet/export', { password: PASSWORD, account: address });
  await world.ask('wallet/change-password', { from: PASSWORD, to: 'a new one, 42' });
  await world.ask('wallet/lock', {});
  await world.ask('wallet/status', {});

  // They are what is looked for, in the places where they may be.
  for (const text of allowed) expect(text).toContain(JSON.stringify(words));
  const disk = JSON.stringify([...world.browser.stored.local]);
  const memory = JSON.stringify([...world.browser.stored.session]);
  const out = [...world.says, ...errors, ...world.reports.map(String), ...world.browser.log, disk, memory].join('\n');
  expect(out).toContain(address);
  const secrets = [words.join(' '), words.join('","'), content.entropy!, privateKey, imported, sessionKey, vaultKey];
  for (const secret of [...secrets, PASSWORD, wrong, 'a new one, 42']) {
    expect(out.toLowerCase().includes(secret.toLowerCase()), 'a secret got out').toBe(false);
  }
  // Nor is any account named on disk.
  expect(disk.toLowerCase()).not.toContain(address.slice(2).toLowerCase());
});
