// An extension that could take the proxy at any moment: nothing is private until the person has decided about it.

import { beforeEach, describe, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import type { Message } from '../../../src/messages/protocol.ts';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const VPN = { id: 'a'.repeat(32), name: 'Some VPN' };
const OTHER = { id: 'b'.repeat(32), name: 'Other Proxy' };

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://shop.test/');
  await world.start();
});

const say = async (message: Message): Promise<PopupSnapshot> =>
  (await handle(world.app.handlers, message, { kind: 'popup', tab: undefined })) as PopupSnapshot;
const turnOff = (...ids: string[]): Promise<PopupSnapshot> => say({ type: 'rivals/turn-off', data: { tab: TAB, ids } });
const tolerate = (wanted: boolean, ...ids: string[]): Promise<PopupSnapshot> =>
  say({ type: 'rivals/tolerate', data: { tab: TAB, ids, wanted } });

describe('an extension that may take the proxy', () => {
  test('blocks, by its name, the tab that is made private beside it', async () => {
    world.browser.rivalCame(VPN);
    await world.set(TAB, true);
    const snapshot = await world.until(TAB, 'blocked');
    expect(snapshot).toMatchObject({ status: { why: 'rival', name: 'Some VPN' }, rivals: [VPN], tolerated: [] });
    expect(world.browser.log).not.toContain(`reload ${TAB}`);
  });

  test('blocks a private tab when it comes, and goes out of the way when it is turned off', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.browser.rivalCame(VPN);
    await world.until(TAB, 'blocked');
    await turnOff(VPN.id);
    expect((await world.until(TAB, 'private')).rivals).toEqual([]);
  });

  test('may be let be, also by the next worker, and that can be taken back', async () => {
    world.browser.rivalCame(VPN);
    await world.set(TAB, true);
    await world.until(TAB, 'blocked');
    await tolerate(true, VPN.id);
    expect((await world.until(TAB, 'private')).tolerated).toEqual([VPN]);
    await world.restartWorker();
    await world.until(TAB, 'private');
    await tolerate(false, VPN.id);
    expect((await world.until(TAB, 'blocked')).rivals).toEqual([VPN]);
  });

  test('one that is let be does not speak for another', async () => {
    world.browser.rivalCame(VPN);
    await world.set(TAB, true);
    await world.until(TAB, 'blocked');
    await tolerate(true, VPN.id, OTHER.id);
    await world.until(TAB, 'private');
    world.browser.rivalCame(OTHER);
    expect((await world.until(TAB, 'blocked')).rivals).toEqual([OTHER]);
  });

  test('is turned off only where it is in the way: the popup may be of before', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    await turnOff(VPN.id);
    expect(world.browser.log).not.toContain(`turn off ${VPN.id}`);
  });

  test('that the browser does not let be disabled is said so', async () => {
    world.browser.pinned.add(VPN.id);
    world.browser.rivalCame(VPN);
    await world.set(TAB, true);
    await world.until(TAB, 'blocked');
    await expect(turnOff(VPN.id)).rejects.toMatchObject({ code: 'cannot-turn-off' });
    expect((await world.look(TAB)).status.is).toBe('blocked');
  });
});
