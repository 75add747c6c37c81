// What the popup says and offers of private windows and containers, and of a neighbour in the way.

import { describe, expect, test } from 'vitest';
import { toViewModel } from '../../../popup/view-model.ts';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';

function view(snapshot: Partial<PopupSnapshot>): ReturnType<typeof toViewModel> {
  const whole: PopupSnapshot = {
    ...{ tab: 1, site: 'shop.test', canBePrivate: true, status: { is: 'off' }, circuit: undefined },
    ...{ exitIsForSite: false },
    ...{ scope: 'site', privateTabs: 0, offersContainers: false, incognito: { isAllowed: true, isWanted: false } },
    ...{ rivals: [], tolerated: [], misleaders: [], trouble: undefined },
    ...snapshot,
  };
  return toViewModel({ snapshot: whole, wanted: undefined, error: undefined });
}

describe('the popup says which scope holds', () => {
  const scopes = ['tab', 'site', 'incognito', 'container'] as const;
  test('in one text of its own for each mode', () => {
    const texts = scopes.map((scope) => view({ scope }).scope);
    expect(new Set(texts).size).toBe(scopes.length);
    expect(view({ scope: 'incognito' }).scope).toContain('every tab of every private window');
    expect(view({ scope: 'container' }).scope).toContain('go when its last tab is closed');
  });

  test('and lets no tab of a private window or container be ended alone', () => {
    for (const scope of ['incognito', 'container'] as const) {
      expect(view({ scope, status: { is: 'private' } }).toggle).toMatchObject({ on: true, enabled: false });
    }
    expect(view({ scope: 'tab', status: { is: 'private' } }).toggle).toMatchObject({ on: true, enabled: true });
  });
});

describe('the switch for private windows', () => {
  test('is there where the browser allows it, and shows what the person wants', () => {
    expect(view({}).windows).toMatchObject({ on: false, needs: 'nothing' });
    expect(view({ incognito: { isAllowed: true, isWanted: true } }).windows).toMatchObject({ on: true });
  });

  test('says why and how where the browser does not, in the browser’s own words', () => {
    const closed = { isAllowed: false, isWanted: false };
    expect(view({ incognito: closed }).windows).toMatchObject({ on: false, needs: 'settings' });
    expect(view({ incognito: closed }).windows?.words).toContain('“Allow in Incognito”');
    expect(view({ incognito: closed, offersContainers: true }).windows?.words).toContain('“Run in Private Windows”');
  });

  test('does not send the person to a restart of the extension while tabs are private', () => {
    const { windows } = view({ incognito: { isAllowed: false, isWanted: false }, privateTabs: 2 });
    expect(windows?.needs).toBe('wait');
    expect(windows?.words).toContain('end your private tabs first');
  });

  test('claims nothing where it was set and is no longer allowed', () => {
    expect(view({ incognito: { isAllowed: false, isWanted: true } }).windows?.on).toBe(false);
  });
});

describe('a neighbour in the way', () => {
  const blocked = (why: 'other-extension' | 'privacy-setting' | 'managed', name?: string): PopupSnapshot['status'] => ({
    ...{ is: 'blocked', why, name },
  });
  test('can be found out while it has no name', () => {
    expect(view({ status: blocked('other-extension') }).canFindOutWho).toBe(true);
    expect(view({ status: blocked('privacy-setting') }).canFindOutWho).toBe(true);
    expect(view({ status: blocked('other-extension', 'FoxyProxy') }).canFindOutWho).toBe(false);
    expect(view({ status: blocked('managed') }).canFindOutWho).toBe(false);
  });

  test('is named for WebRTC too', () => {
    expect(view({ status: blocked('privacy-setting', 'uBlock Origin') }).sentence).toContain('uBlock Origin');
  });
});

describe('extensions that may take the proxy', () => {
  const rivals = [
    { id: 'a'.repeat(32), name: 'Some VPN' },
    { id: 'b'.repeat(32), name: 'Other Proxy' },
  ];
  const status: PopupSnapshot['status'] = { is: 'blocked', why: 'rival', name: 'Some VPN or Other Proxy' };
  test('are named and to be decided about where they are in the way, and nowhere else', () => {
    const model = view({ status, rivals });
    expect(model.rivals).toEqual({ ids: rivals.map(({ id }) => id), names: 'Some VPN and Other Proxy' });
    expect(model.sentence).toContain('Some VPN or Other Proxy may take the browser’s proxy at any moment');
    expect(view({ rivals }).rivals).toBeUndefined();
  });

  test('stay in view when the person has let them be', () => {
    const model = view({ status: { is: 'private' }, tolerated: rivals.slice(0, 1) });
    expect(model.tolerated?.names).toBe('Some VPN');
    expect(model.rivals).toBeUndefined();
  });
});

test('a container is offered where there are any', () => {
  expect(view({ offersContainers: true }).offersContainers).toBe(true);
  expect(view({}).offersContainers).toBe(false);
});
