// What our page in the place of one that waits says and offers.

import { describe, expect, test } from 'vitest';
import { toHeldModel } from '../../../pages/held/view-model.ts';
import type { HeldView } from '../../../src/core/state/held.ts';
import { MESSAGE_ERRORS } from '../../../src/messages/protocol.ts';

const site = 'shop.test';
const VIEWS: HeldView[] = [
  { is: 'nothing' },
  { is: 'go', url: 'https://shop.test/' },
  { is: 'waiting', site },
  { is: 'stuck', site, sentence: { key: 'status_offline' }, advice: undefined },
  { is: 'site-down', site },
  { is: 'not-sent', site },
];
const model = (view: HeldView | undefined) => toHeldModel({ view, error: undefined });

describe('the page that stands in for one that waits', () => {
  test('says of every page that waits that nothing of it got out, and which site it is for', () => {
    for (const view of VIEWS.filter(({ is }) => is !== 'nothing')) {
      expect(model(view).safe).toBe('Nothing of this tab left your computer another way.');
      if ('site' in view) expect(model(view).headline).toContain(site);
    }
  });

  test('offers to try again, another exit, and to end private mode, where it does not go on by itself', () => {
    for (const is of ['stuck', 'site-down']) {
      const { actions, busy } = model(VIEWS.find((view) => view.is === is));
      expect(actions.map(({ type }) => type)).toEqual(['held/retry', 'held/another-exit', 'held/end-private']);
      expect(busy).toBe(false);
    }
    for (const is of ['waiting', 'go']) {
      expect(model(VIEWS.find((view) => view.is === is))).toMatchObject({ actions: [], busy: true });
    }
  });

  test('never offers to send a form again by itself', () => {
    const { actions, sentences } = model({ is: 'not-sent', site });
    expect(actions.map(({ label }) => label)).toEqual(['Open the page without sending']);
    expect(sentences.join(' ')).toContain('Go back to send it again');
  });

  test('names what is wrong in the worker’s words, and what went wrong with a click', () => {
    expect(model(VIEWS[3]).sentences).toContain('Your computer is offline.');
    for (const error of MESSAGE_ERRORS) {
      const { sentences } = toHeldModel({ view: { is: 'site-down', site }, error });
      expect(sentences.at(-1)).toMatch(/\.$/);
      expect(sentences).toHaveLength(2);
    }
  });

  test('knows nothing before the worker has spoken, and says so', () => {
    expect(model(undefined)).toMatchObject({ busy: true, actions: [] });
  });
});
