// What an entry that takes money does to a circuit: its lease's port is where the tunnels go, and one that gives none, or speaks for another, is passed by.

import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { beforeEach, describe, expect, test } from 'vitest';
import { EMPTY_BOOK } from '../../../src/core/session/payment-book.ts';
import { encodeCell } from '../../../src/core/state/cell.ts';
import { paymentsCell } from '../../../src/core/state/cells.ts';
import { leaseStream, type LeaseEntry } from '../../support/fakes/lease-entry.ts';
import type { FakeRelay } from '../../support/fakes/relays.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
let world: World;
let entries: Map<string, LeaseEntry>;

beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://a.test/');
  entries = new Map(world.network.entries.map(({ label }, index) => [label, { port: 9001 + index }]));
  world.session = (peer) => {
    const relay = world.network.entries.find(({ label }) => label === peer)!;
    const entry = entries.get(peer);
    return entry === undefined ? undefined : leaseStream(relay, entry);
  };
  await world.start();
});

const ports = () => world.browser.policy?.circuits.map(({ port }) => port) ?? [];

describe('a lease', () => {
  test('says at which port the tunnels go in', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    expect(ports()[0]).toBe(9001);
  });

  test('is not needed where the entry takes no money', async () => {
    entries.clear();
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    expect(ports()[0]).toBe(7443);
  });

  test('that is refused for money leads to another entry, and where there is none to a deposit', async () => {
    const [alder, birch] = world.network.entries;
    entries.set(alder!.label, { port: 1, refuses: 'no_free_quota' });
    await world.set(TAB, true);
    expect((await world.until(TAB, 'private')).circuit?.entry.operator).toBe('birch');
    await world.set(TAB, false);
    await world.until(TAB, 'off');
    entries.set(birch!.label, { port: 1, refuses: 'no_free_quota' });
    await world.restartWorker();
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'payment-needed' });
    const popup = { kind: 'popup', tab: undefined } as const;
    const status = await world.app.handlers['payments/status']({ tab: TAB, direct: false }, popup);
    expect(status).toMatchObject({ needsDeposit: true, entry: { pricePerGb: '100136', minDeposit: '1000000' } });
  });

  test('whose free data is used up gives way to that of another entry; the last one asks for a deposit, and waits', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    await world.idle();
    const [used, left] = world.network.entries;
    const operator = async () => (await world.look(TAB)).circuit?.entry.operator;
    expect(await operator()).toBe('alder');
    entries.get(used!.label)!.refuses = 'no_free_quota';
    entries.get(used!.label)!.meter!(5_000_000n, 0n);
    await world.idle();
    expect([(await world.look(TAB)).status.is, await operator()]).toEqual(['private', 'birch']);
    expect(new Set(ports())).toEqual(new Set([entries.get(left!.label)!.port]));
    entries.get(left!.label)!.meter!(5_000_000n, 0n);
    await world.idle();
    expect(await operator()).toBe('birch');
    const popup = { kind: 'popup', tab: undefined } as const;
    const status = await world.app.handlers['payments/status']({ tab: TAB, direct: false }, popup);
    expect(status).toMatchObject({ needsDeposit: true, entry: { operator: 'birch' } });
  });

  test.each<[string, (other: FakeRelay) => Partial<LeaseEntry>]>([
    ['that another peer has signed', (other) => ({ signer: other })],
    ['of another relay', (other) => ({ terms: { peerId: peerIdFromPrivateKey(other.key).toString() } })],
    ['whose time is over', () => ({ terms: { validUntil: 100 } })],
    ['that risks too much', () => ({ terms: { graceBytes: 2_000_000n } })],
    ['in another token', () => ({ terms: { token: `0x${'9'.repeat(40)}` } })],
  ])('is not taken on a quote %s', async (_, change) => {
    const [alder, birch] = world.network.entries;
    entries.set(alder!.label, { port: 9001, ...change(birch!) });
    await world.set(TAB, true);
    expect((await world.until(TAB, 'private')).circuit?.entry.operator).toBe('birch');
    expect(ports()).not.toContain(9001);
  });
});

test('what was spent in a session is forgotten when the browser starts, and not when the worker does; what was spent today never', async () => {
  const popup = { kind: 'popup', tab: undefined } as const;
  const spent = async (): Promise<string[]> => {
    const { session, today } = await world.app.handlers['payments/status']({ tab: TAB, direct: false }, popup);
    return [session.cost, today.cost];
  };
  const book = { ...EMPTY_BOOK, spending: { day: 0, today: 70n, session: 60n } };
  world.browser.stored.local.set('payments', encodeCell(paymentsCell, book));
  await world.restartWorker();
  expect(await spent()).toEqual(['60', '70']);
  world.kill();
  world.browser.restart([]);
  await world.start();
  expect(await spent()).toEqual(['0', '70']);
});

test('a book that cannot be read signs nothing until the person sets limits', async () => {
  world.browser.stored.local.set('payments', { version: 1, value: { limits: {} } });
  const { limits } = await world.app.handlers['payments/status'](
    { tab: TAB, direct: false },
    { kind: 'popup', tab: undefined },
  );
  expect(limits).toEqual({ perDay: '0', perSession: '0', askAbovePerGb: '0' });
});
