// What the popup says and offers in every state.

import { describe, expect, test } from 'vitest';
import { toViewModel, type PopupState } from '../../../popup/view-model.ts';
import type { LastingChoice } from '../../../src/core/circuit/exit-choice.ts';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';
import { MESSAGE_ERRORS } from '../../../src/messages/protocol.ts';

const circuit = {
  entry: { operator: 'alder', region: 'DE', ms: 8 },
  exit: { operator: 'cedar', region: 'NL' },
};

function view(snapshot: Partial<PopupSnapshot>, more: Partial<PopupState> = {}): ReturnType<typeof toViewModel> {
  const whole: PopupSnapshot = {
    ...{ tab: 1, site: 'shop.test', canBePrivate: true, status: { is: 'off' }, circuit: undefined },
    ...{ exitIsForSite: false },
    ...{ scope: 'site', privateTabs: 0, offersContainers: false, incognito: { isAllowed: false, isWanted: false } },
    ...{ rivals: [], tolerated: [], misleaders: [], trouble: undefined },
    ...{ rivals: [], tolerated: [], misleaders: [], siteRule: undefined },
    ...snapshot,
  };
  return toViewModel({ snapshot: whole, wanted: undefined, error: undefined, ...more });
}

describe('the popup', () => {
  test('of a normal tab offers to make it private, and names no relay though one is known', () => {
    const model = view({});
    expect(model).toMatchObject({ tone: 'off', toggle: { on: false, enabled: true, label: 'Make this tab private' } });
    const { hops } = view({ circuit });
    expect(hops.map(({ name, lit }) => [name, lit])).toEqual([
      ['this device', false],
      ['…', false],
      ['…', false],
      ['shop.test', false],
    ]);
    expect(model.canTryAgain).toBe(false);
  });

  test('of a private tab draws you -> entry -> exit -> site with operators and regions', () => {
    const model = view({ status: { is: 'private' }, circuit });
    expect(model.headline).toBe('This tab is private');
    expect(model.hops.map(({ role, name, place }) => [role, name, place])).toEqual([
      ['You', 'this device', undefined],
      ['Entry', 'alder', 'Germany'],
      ['Exit', 'cedar', 'Netherlands'],
      ['Site', 'shop.test', undefined],
    ]);
    expect(model.hops.every(({ lit }) => lit)).toBe(true);
  });

  test('says of each relay how long it takes where that was measured, and where the exit was chosen whether the tab is there', () => {
    const model = view({ status: { is: 'private' }, circuit });
    expect(model.hops.map(({ region, ms }) => [region, ms])).toEqual([
      [undefined, undefined],
      ['DE', 8],
      ['NL', undefined],
      [undefined, undefined],
    ]);
    expect(model.chosenExit).toBeUndefined();
    const words = (choice: LastingChoice, isMet: boolean) =>
      view({ status: { is: 'private' }, circuit, exitChoice: { choice, isMet } }).chosenExit;
    const iceland = { kind: 'region', region: 'IS' } as const;
    expect(words(iceland, true)).toBe('You chose this exit: Iceland.');
    expect(words(iceland, false)).toBe(
      'You chose Iceland, and no exit there can be reached now. Sites see you in Netherlands until one can.',
    );
    expect(words({ kind: 'operator', region: 'IS', operator: 'elm' }, true)).toContain('elm in Iceland');
    expect(words({ kind: 'free' }, false)).toContain('Sites see you in Netherlands');
    // While there is no circuit the state of the tab says why.
    expect(view({ status: { is: 'connecting' }, exitChoice: { choice: iceland, isMet: false } }).chosenExit).toBe(
      undefined,
    );
  });

  test('lights the way only when the tab is private', () => {
    for (const status of [{ is: 'connecting' }, { is: 'blocked', why: 'offline', name: undefined }] as const) {
      const model = view({ status, circuit });
      expect(model.tone).toBe(status.is);
      expect(model.toggle.on).toBe(true);
      expect(model.hops.some(({ lit }) => lit)).toBe(false);
    }
  });

  test('names the extension in the way, gives advice, and lets the person try again', () => {
    const model = view({ status: { is: 'blocked', why: 'other-extension', name: 'FoxyProxy' } });
    expect(model.sentence).toContain('FoxyProxy');
    expect(model.advice).toContain('FoxyProxy');
    expect(model.canTryAgain).toBe(true);
  });

  test('offers another exit and a new identity only while the tab is private, and says why one was not to be had', () => {
    expect(view({ status: { is: 'private' }, circuit }).canChangeCircuit).toBe(true);
    for (const status of [{ is: 'off' }, { is: 'connecting' }] as const) {
      expect(view({ status, circuit }).canChangeCircuit).toBe(false);
    }
    expect(view({ status: { is: 'private' }, circuit }, { error: 'none-fresh' }).advice).toContain('used before');
  });

  test('says how far "private" reaches in this browser', () => {
    expect(view({ scope: 'site' }).scope).toContain(
      'A site that is open in both kinds of tab goes the private way for both.',
    );
    expect(view({ scope: 'tab' }).scope).toContain('Private is exactly this tab');
  });

  test('of a page of the browser says that it cannot be private, and the switch is off limits', () => {
    const model = view({ canBePrivate: false, site: undefined });
    expect(model.toggle.enabled).toBe(false);
    expect(model.sentence).toContain('cannot be private');
  });

  test('lets a private tab that went to such a page be ended', () => {
    expect(view({ canBePrivate: false, status: { is: 'private' }, circuit }).toggle).toMatchObject({
      on: true,
      enabled: true,
    });
  });

  test('follows a click at once, but never shows green before the worker says so', () => {
    expect(view({}, { wanted: true })).toMatchObject({ tone: 'connecting', toggle: { on: true } });
    expect(view({ status: { is: 'private' }, circuit }, { wanted: false })).toMatchObject({
      tone: 'off',
      toggle: { on: false },
    });
  });

  test('waits for the worker without a switch to press', () => {
    const model = toViewModel({ snapshot: undefined, wanted: undefined, error: undefined });
    expect(model).toMatchObject({ headline: 'One moment', toggle: { enabled: false } });
  });

  test('offers the switch from what is stored, and says of a private tab no more than that it is one', () => {
    const of = (state: Partial<PopupState>): ReturnType<typeof toViewModel> =>
      toViewModel({ snapshot: undefined, wanted: undefined, error: undefined, ...state });
    expect(of({ stored: { tab: 1, is: 'off' } })).toEqual({
      ...view({}),
      // Of the browser and the site nothing is known yet.
      ...{ scope: '', siteRule: 'unknown', windows: undefined, hops: of({}).hops },
    });
    const on = of({ stored: { tab: 1, is: 'on' } });
    expect(on).toMatchObject({ tone: 'connecting', headline: 'One moment', toggle: { on: true, enabled: true } });
    expect(on.hops.some(({ lit }) => lit)).toBe(false);
    expect(of({ stored: { tab: 1, is: 'refused' } }).toggle.enabled).toBe(false);
    expect(of({ stored: { tab: 1, is: 'off' }, wanted: true })).toMatchObject({
      tone: 'connecting',
      toggle: { on: true },
    });
    expect(of({ stored: { tab: 1, is: 'on' }, wanted: false })).toMatchObject({ tone: 'off', toggle: { on: false } });
  });

  test('has words for every error', () => {
    for (const error of MESSAGE_ERRORS) {
      expect(view({}, { error }).advice).toMatch(/\.$/);
      expect(toViewModel({ snapshot: undefined, wanted: undefined, error }).sentence).toMatch(/\.$/);
      const stored = { tab: 1, is: 'off' } as const;
      expect(toViewModel({ snapshot: undefined, stored, wanted: undefined, error }).advice).toMatch(/\.$/);
    }
  });

  test('shows a region code that it does not know as it is', () => {
    const odd = { ...circuit, exit: { operator: 'cedar', region: 'ZZZ' } };
    expect(view({ status: { is: 'private' }, circuit: odd }).hops[2]?.place).toBe('ZZZ');
  });
});
