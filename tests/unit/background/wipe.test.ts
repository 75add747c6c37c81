// Everything is wiped: private tabs are closed, nothing of theirs goes direct while their last requests are on, and what is left is an extension as new.

import { beforeEach, describe, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import { LINGER_MS } from '../../../src/core/circuit/durations.ts';
import { STORED } from '../../../src/core/state/stored-list.ts';
import { CELLS } from '../../../src/core/state/cells.ts';
import type { Message } from '../../../src/messages/protocol.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const OTHER = 2;
const POPUP = { kind: 'popup' as const, tab: undefined };

let world: World;
const ask = (message: Message): Promise<unknown> => handle(world.app.handlers, message, POPUP);
const wipe = (wallet: boolean): Promise<unknown> => ask({ type: 'settings/wipe', data: { wallet } });

beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://shop.test/');
  world.browser.addTab(OTHER, 'https://news.test/');
  await world.start();
});

/** The browser restarts the extension, which takes its memory. */
async function restartExtension(): Promise<void> {
  world.kill();
  world.browser.stored.session.clear();
  await world.start();
  await world.idle();
}

describe('a wipe', () => {
  test('closes private tabs, and forgets nothing before their last requests are over', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    await ask({ type: 'settings/set', data: { change: { appearance: 'dark', auto: 'new-tabs' } } });
    const before = world.browser.log.length;
    await wipe(false);
    await world.idle();
    expect(world.browser.log).toContain(`close ${TAB}`);
    // Past the circuit, that would be.
    expect(world.browser.log.slice(before)).not.toContain(`reload ${TAB}`);
    expect(world.browser.log).not.toContain(`close ${OTHER}`);
    // Steered still, with the private tab's host on no direct way.
    expect(world.browser.policy).toMatchObject({ active: true, byTab: true, privateHosts: ['shop.test'] });
    expect(world.browser.stored.local.has('relays')).toBe(true);
    expect(world.browser.installedUpdates).toBe(0);

    world.browser.elapse(LINGER_MS);
    world.browser.fire('end-of-lingering');
    await expect.poll(() => world.browser.installedUpdates).toBe(1);
    expect(world.browser.policy?.active).toBe(false);
    expect([...world.browser.stored.local.keys()]).toEqual(['first-run']);
  });

  test('without private tabs is done at once, and the first steps open once', async () => {
    await wipe(false);
    await expect.poll(() => world.browser.installedUpdates).toBe(1);
    await restartExtension();
    expect(world.browser.log.filter((line) => line === 'open first run')).toHaveLength(1);
    expect(world.browser.policy?.active).toBe(false);
    expect(await ask({ type: 'settings/read', data: {} })).toMatchObject({ appearance: 'auto', auto: 'off' });
    await world.restartWorker();
    await world.idle();
    expect(world.browser.log.filter((line) => line === 'open first run')).toHaveLength(1);
    // And goes on as new: a tab can be private.
    await world.set(OTHER, true);
    await world.until(OTHER, 'private');
  });

  test('keeps the wallet and its channels where the person did not say otherwise', async () => {
    await ask({ type: 'wallet/create', data: { password: 'correct horse battery' } });
    await ask({ type: 'payments/set-limits', data: { limits: { perDay: '7', perSession: '7', askAbovePerGb: '7' } } });
    await wipe(false);
    await expect.poll(() => world.browser.installedUpdates).toBe(1);
    const kept = [...world.browser.stored.local.keys()];
    expect(kept).toEqual(expect.arrayContaining(['vault', 'vault-backup', 'payments']));
    await restartExtension();
    expect(await ask({ type: 'wallet/status', data: {} })).toMatchObject({ is: 'locked' });
  });

  test('takes the wallet with its copy, its keys and its tries where they did', async () => {
    await ask({ type: 'wallet/create', data: { password: 'correct horse battery' } });
    await wipe(true);
    await expect.poll(() => world.browser.installedUpdates).toBe(1);
    expect([...world.browser.stored.local.keys()]).toEqual(['first-run']);
    await restartExtension();
    expect(await ask({ type: 'wallet/status', data: {} })).toEqual({ is: 'none' });
  });

  test('goes on in the next worker, where this one dies', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    await wipe(true);
    await world.idle();
    world.browser.elapse(LINGER_MS);
    await world.restartWorker();
    await expect.poll(() => world.browser.installedUpdates).toBe(1);
    expect([...world.browser.stored.local.keys()]).toEqual(['first-run']);
  });
});

test('what is stored is listed whole, with sizes and without contents', async () => {
  const list = (await ask({ type: 'settings/stored', data: {} })) as { key: string; bytes: number }[];
  expect(list.map(({ key }) => key).sort()).toEqual(CELLS.map(({ key }) => key).sort());
  expect(STORED).toHaveLength(CELLS.length);
  const stored = world.browser.stored.local.get('relays');
  expect(list.find(({ key }) => key === 'relays')?.bytes).toBe(Buffer.byteLength(JSON.stringify(stored)));
  expect(Object.keys(list[0]!).sort()).toEqual(['about', 'area', 'bytes', 'key', 'secret']);
});

describe('the first steps', () => {
  test('open when the extension was installed, and never again', async () => {
    world.browser.extensionInstalled();
    await world.idle();
    world.browser.extensionInstalled();
    await world.restartWorker();
    world.browser.extensionInstalled();
    await world.idle();
    expect(world.browser.log.filter((line) => line === 'open first run')).toHaveLength(1);
  });

  test('do not open by themselves', async () => {
    await world.restartWorker();
    await world.idle();
    expect(world.browser.log).not.toContain('open first run');
  });
});
