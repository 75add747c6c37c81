// The stored cells: what was written reads back, and what is damaged reads as the safe value with a named error.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_CIRCUITS, stepCircuit, type CircuitState } from '../../../../src/core/circuit/circuit-state.ts';
import { CELLS, circuitCell, privateAtLastCell, relaysCell, tabsCell } from '../../../../src/core/state/cells.ts';
import { decodeCell, encodeCell, type Cell } from '../../../../src/core/state/cell.ts';
import { makeNormal, makePrivate, NO_TABS } from '../../../../src/core/state/tab-records.ts';
import { possibleCircuits } from '../../../../src/core/circuit/choose-circuit.ts';
import { createCells } from '../../../../src/platform/storage.ts';
import { FakeBrowser } from '../../../support/fakes/browser.ts';
import { createFakeNetwork } from '../../../support/fakes/relays.ts';

const { records } = await createFakeNetwork();
const circuit = possibleCircuits(records)[0]!;
const tabs = makeNormal(makePrivate(NO_TABS, 4, { url: 'https://a.test/', hosts: ['a.test'], reload: true }), 5, {
  reload: false,
});
const states: CircuitState[] = [
  { at: 'off' },
  { at: 'connecting', trial: undefined, failures: 2 },
  { at: 'connecting', trial: { circuit, phase: 'reaching' }, failures: 0 },
  { at: 'verified', circuits: [{ circuit, roundTripMs: 12.5, verifiedAt: 1 }], trial: { circuit, phase: 'checking' } },
  { at: 'failed', reason: 'offline', failures: 3, retryAt: 9 },
];

/** Through JSON, as a browser's storage does. */
function throughStorage<T>(cell: Cell<T>, value: T): { value: T } {
  return decodeCell(cell, JSON.parse(JSON.stringify(encodeCell(cell, value))));
}

describe('a cell', () => {
  test('reads back what was written', () => {
    expect(throughStorage(relaysCell, records)).toEqual({ value: records });
    expect(throughStorage(tabsCell, tabs)).toEqual({ value: tabs });
    expect(throughStorage(privateAtLastCell, true)).toEqual({ value: true });
    for (const state of states) expect(throughStorage(circuitCell, state)).toEqual({ value: state });
  });

  test('that was never written is missing, which is no error', () => {
    for (const cell of CELLS)
      expect(decodeCell<unknown>(cell as Cell<unknown>, undefined)).toEqual({ value: cell.missing });
  });

  test('of another version is not read', () => {
    for (const cell of CELLS) {
      const { value, error } = decodeCell<unknown>(cell, {
        version: cell.version + 1,
        value: cell.missing,
      });
      expect(value).toEqual(cell.damaged);
      expect(error).toMatchObject({ code: 'version', key: cell.key });
    }
  });

  test('holding anything else is damaged, reads as the safe value, and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CELLS), fc.anything(), (cell, junk) => {
        const { value, error } = decodeCell<unknown>(cell, { version: cell.version, value: junk });
        // Junk may be valid by chance (true, []): then it is no error.
        if (error !== undefined) {
          expect(value).toEqual(cell.damaged);
          // Names the cell, and nothing of its content.
          expect(error.message).toBe(`the stored cell "${cell.key}" is damaged`);
        }
      }),
    );
  });

  test('of a circuit that lost a part is not taken for verified', () => {
    const whole = { circuit, roundTripMs: 1, verifiedAt: 1 };
    const broken = [
      { ...whole, circuit: undefined },
      { ...whole, verifiedAt: undefined },
      { ...whole, circuit: { ...circuit, proxyHost: 'evil.test' } },
      { ...whole, circuit: { ...circuit, entry: { ...circuit.entry, host: 'evil.test' } } },
      { ...whole, circuit: { ...circuit, exit: { peer: circuit.exit.peer } } },
    ];
    const read = (circuits: unknown): unknown =>
      decodeCell(circuitCell, { version: circuitCell.version, value: { at: 'verified', circuits } }).value;
    expect(read([whole])).toMatchObject({ at: 'verified' });
    for (const each of broken) expect(read([whole, each])).toEqual({ at: 'off' });
    for (const list of [[], Array.from({ length: MAX_CIRCUITS + 1 }, () => whole), whole, undefined])
      expect(read(list)).toEqual({ at: 'off' });
  });

  test('has a key of its own, and none is secret while it is shown', () => {
    expect(new Set(CELLS.map(({ key }) => key)).size).toBe(CELLS.length);
    expect(CELLS.filter(({ secret, inPopup }) => secret && inPopup)).toEqual([]);
    expect(CELLS.filter(({ secret }) => secret).map(({ key }) => key)).toEqual([
      ...['vault', 'vault-backup', 'wallet-open', 'session-keys', 'peer-seed', 'payments'],
    ]);
    // Nothing about single tabs may be on disk, and of sites what the person asked to be kept.
    expect(CELLS.filter(({ area }) => area === 'local').map(({ key }) => key)).toEqual([
      ...[
        'relays',
        'guards',
        'relay-wishes',
        'site-rules',
        'site-rules-copy',
        'directory',
        'begin-places',
        'directory-asked',
        'relay-faults',
        'private-at-last',
        'favourite-exits',
        'incognito-wholly',
        'containers',
        'tolerated',
        'vault',
        'vault-backup',
        'wallet-attempts',
        'session-keys',
        'payments',
        'traffic-day',
        'day-totals',
        'settings',
        'first-run',
        'wipe',
      ],
    ]);
  });
});

describe('storage', () => {
  test('runs changes of one cell one after another', async () => {
    const cells = createCells(new FakeBrowser().areas);
    await Promise.all(
      Array.from({ length: 50 }, (_, tab) =>
        cells.update(tabsCell, (value) =>
          makeNormal(typeof value === 'object' ? value : NO_TABS, tab, { reload: false }),
        ),
      ),
    );
    const value = await cells.read(tabsCell);
    expect(Object.keys(typeof value === 'object' ? value.tabs : {})).toHaveLength(50);
  });

  test('writes nothing where nothing changed', async () => {
    const browser = new FakeBrowser();
    const cells = createCells(browser.areas);
    await cells.update(privateAtLastCell, () => false);
    await cells.update(circuitCell, (state) => stepCircuit(state, { is: 'reached', port: 7443 }));
    expect(browser.log).toEqual([]);
  });

  test('goes on after a change that threw', async () => {
    const cells = createCells(new FakeBrowser().areas);
    const broken = cells.update(privateAtLastCell, () => {
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect(await cells.update(privateAtLastCell, () => true)).toBe(true);
  });

  test('reports a damaged cell once', async () => {
    const browser = new FakeBrowser();
    browser.stored.local.set('private-at-last', 7);
    const cells = createCells(browser.areas);
    const errors: string[] = [];
    cells.onDamaged(({ key }) => errors.push(key));
    expect(await cells.read(privateAtLastCell)).toBe(true);
    expect(await cells.read(privateAtLastCell)).toBe(true);
    expect(errors).toEqual(['private-at-last']);
  });
});
