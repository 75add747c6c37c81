// What the popup may say of a tab from storage alone: never more than whether it is private at all, and nothing where only the worker can tell.

import { describe, expect, test } from 'vitest';
import type { OpenTab } from '../../../../src/core/state/derive-policy.ts';
import { storedSwitch } from '../../../../src/core/state/stored-switch.ts';
import { makeNormal, makePrivate, NO_TABS } from '../../../../src/core/state/tab-records.ts';

const tab = (id: number, more: Partial<OpenTab> = {}): OpenTab => ({
  ...{ id, url: 'https://a.test/', pendingUrl: undefined, opener: undefined, incognito: false, container: undefined },
  ...more,
});
const records = makeNormal(makePrivate(NO_TABS, 1, { url: undefined, hosts: ['a.test'], reload: false }), 2, {
  reload: false,
});

describe('the switch that storage knows', () => {
  test('is on for a private tab, off for a normal one, and cannot be set on a page of the browser', () => {
    expect(storedSwitch(tab(1), records)).toEqual({ tab: 1, is: 'on' });
    expect(storedSwitch(tab(2), records)).toEqual({ tab: 2, is: 'off' });
    expect(storedSwitch(tab(2, { url: 'about:addons' }), records)).toEqual({ tab: 2, is: 'refused' });
    expect(storedSwitch(tab(2, { url: 'about:addons', pendingUrl: 'https://b.test/' }), records)?.is).toBe('off');
  });

  test('is on for a private tab whatever page it shows: its end can be asked for', () => {
    expect(storedSwitch(tab(1, { url: 'about:addons' }), records)?.is).toBe('on');
  });

  test('is unknown for a tab that is not stored, without a store, and with a damaged one', () => {
    expect(storedSwitch(tab(3), records)).toBeUndefined();
    expect(storedSwitch(tab(1), undefined)).toBeUndefined();
    expect(storedSwitch(tab(1), 'lost')).toBeUndefined();
  });

  test('is unknown in private windows and containers, which may be private as a whole', () => {
    expect(storedSwitch(tab(2, { incognito: true }), records)).toBeUndefined();
    expect(storedSwitch(tab(2, { container: 'firefox-container-3' }), records)).toBeUndefined();
  });
});
