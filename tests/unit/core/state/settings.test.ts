// The settings as they are stored and sent: each known one reads back, everything else is refused or is the safe value.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCell, encodeCell } from '../../../../src/core/state/cell.ts';
import {
  APPEARANCES,
  AUTO_PRIVATE,
  DEFAULT_SETTINGS,
  lockAfterMs,
  MAX_LOCK_MINUTES,
  parsePatch,
  parseSettings,
  settingsCell,
  type Settings,
} from '../../../../src/core/state/settings.ts';
import { LANGUAGES } from '../../../../src/core/text/languages.ts';

const settings: fc.Arbitrary<Settings> = fc.record({
  appearance: fc.constantFrom(...APPEARANCES),
  language: fc.constantFrom('auto', ...LANGUAGES.map(({ tag }) => tag)),
  auto: fc.constantFrom(...AUTO_PRIVATE),
  notifications: fc.boolean(),
  lockAfter: fc.oneof(fc.integer({ min: 1, max: MAX_LOCK_MINUTES }), fc.constant('browser-closes' as const)),
});

describe('settings', () => {
  test('read back as they were stored', () => {
    fc.assert(
      fc.property(settings, (each) => {
        const stored: unknown = JSON.parse(JSON.stringify(encodeCell(settingsCell, each)));
        expect(decodeCell(settingsCell, stored)).toEqual({ value: each });
      }),
    );
  });

  test('a change touches what it names and nothing else', () => {
    fc.assert(
      fc.property(settings, fc.subarray(Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[]), (each, names) => {
        const change = Object.fromEntries(names.map((name) => [name, each[name]]));
        expect(parsePatch(change)).toEqual(change);
        expect(parseSettings(change)).toEqual({ ...DEFAULT_SETTINGS, ...change });
      }),
    );
  });

  test('of a later version are read as far as they are known', () => {
    expect(parseSettings({ appearance: 'dark', wallpaper: 'sea' })).toEqual({
      ...DEFAULT_SETTINGS,
      appearance: 'dark',
    });
  });

  test.each([
    { appearance: 'pink' },
    { language: 'xx' },
    { language: '../de' },
    { auto: true },
    { notifications: 1 },
    { lockAfter: 0 },
    { lockAfter: 1.5 },
    { lockAfter: MAX_LOCK_MINUTES + 1 },
    { lockAfter: 'never' },
  ])('%j is refused', (wrong) => {
    expect(() => parsePatch(wrong)).toThrow();
  });

  test('that cannot be read keep every new tab private, and the wallet on its short lock', () => {
    for (const junk of [null, [], 'dark', { version: 1, value: { auto: 'sometimes' } }, { version: 2, value: {} }]) {
      const { value, error } = decodeCell(settingsCell, junk);
      expect(error?.key).toBe('settings');
      expect(value.auto).toBe('new-tabs');
      expect(lockAfterMs(value)).toBe(15 * 60_000);
    }
  });
});
