// What the worker asks past its own proxy: open while it is asked, by name alone, and closed again whatever comes of it.

import { expect, test } from 'vitest';
import { CLOSES_MS, createPastProxy } from '../../../background/directory/past-proxy.ts';
import { askedHostsCell } from '../../../src/core/state/cells.ts';
import { createCells } from '../../../src/platform/storage.ts';
import { FakeBrowser } from '../../support/fakes/browser.ts';

const browser = new FakeBrowser();
const cells = createCells(browser.areas);
const { clock } = browser;
const asked = () => cells.read(askedHostsCell);

test('names are open while they are asked; an address, which no page could be kept from, is not', async () => {
  const seen: (readonly string[])[] = [];
  const pastProxy = createPastProxy({ cells, clock, changed: async () => void seen.push(await asked()) });
  const hosts = ['rpc.test', '127.0.0.1', '[::1]', 'dotted.test.', 'dns.test'];
  expect(await pastProxy(hosts, async () => asked())).toEqual(['rpc.test', 'dns.test']);
  await expect(pastProxy(['rpc.test'], () => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
  expect(seen).toEqual([['rpc.test', 'dns.test'], ['rpc.test']]);
  // Also where nothing else follows that would put it in force.
  browser.elapse(CLOSES_MS);
  await expect.poll(() => seen.slice(2)).toEqual([[], []]);
});

test('of two who ask the same host the first to end does not close it to the other', async () => {
  const pastProxy = createPastProxy({ cells, clock, changed: () => Promise.resolve() });
  let end = (): void => undefined;
  const long = pastProxy(['dns.test'], () => new Promise<void>((resolve) => (end = resolve)));
  await pastProxy(['dns.test'], () => Promise.resolve());
  expect(await asked()).toEqual(['dns.test']);
  end();
  await long;
  expect(await asked()).toEqual([]);
});
