// Where the list of relays comes from: the packaged one fills an empty cell, and never replaces another.

import { expect, test } from 'vitest';
import { seedRelays } from '../../../background/seed-relays.ts';
import { relaysCell } from '../../../src/core/state/cells.ts';
import { createCells } from '../../../src/platform/storage.ts';
import { FakeBrowser } from '../../support/fakes/browser.ts';
import { createFakeNetwork } from '../../support/fakes/relays.ts';

const { records } = await createFakeNetwork();

async function seed(
  file: () => Promise<unknown>,
  browser = new FakeBrowser(),
): Promise<{ relays: unknown; reports: unknown[] }> {
  const cells = createCells(browser.areas);
  const reports: unknown[] = [];
  await seedRelays({ cells, packagedRelays: { read: file }, report: (error) => reports.push(error) });
  return { relays: await cells.read(relaysCell), reports };
}

test('the packaged list fills a cell that was never filled', async () => {
  expect(await seed(async () => ({ relays: records }))).toEqual({ relays: records, reports: [] });
});

test('a list that is there stays, and the file is not even read', async () => {
  const browser = new FakeBrowser();
  browser.stored.local.set('relays', { version: relaysCell.version, value: records.slice(0, 1) });
  const { relays, reports } = await seed(() => Promise.reject(new Error('read')), browser);
  expect(relays).toEqual(records.slice(0, 1));
  expect(reports).toEqual([]);
});

test('an empty packaged list is not kept, so that an update can bring one', async () => {
  const browser = new FakeBrowser();
  expect(await seed(async () => ({ relays: [] }), browser)).toEqual({ relays: undefined, reports: [] });
  expect(await seed(async () => ({ relays: records }), browser)).toMatchObject({ relays: records });
});

test('a file that is missing or wrong is reported, and nothing is taken from it', async () => {
  for (const file of [() => Promise.reject(new Error('none')), async () => undefined, async () => ({ relays: [{}] })]) {
    const { relays, reports } = await seed(file);
    expect(relays).toBeUndefined();
    expect(reports).toHaveLength(1);
  }
});
