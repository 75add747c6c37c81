// The Steering port on real Chromium.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import { CIRCUIT, DIRECT, NORMAL_HOST, OTHER_HOST, PRIVATE_HOST, startLab, type Lab } from '../support/steering-lab.ts';

const START_MS = 60_000;

describe('the steering of Chromium', () => {
  let lab: Lab;
  let normal: DrivenTab;
  let secret: DrivenTab;

  beforeAll(async () => {
    lab = await startLab('chromium');
    normal = await lab.browser.openTab(lab.url(NORMAL_HOST));
    secret = await lab.browser.openTab(lab.url(PRIVATE_HOST));
  }, START_MS);
  afterAll(() => lab.close());

  const tabs = () => ({ privateTabs: [secret.id], normalTabs: [normal.id] });

  it('sends a private tab through the circuit and the normal tab beside it direct', async () => {
    expect(await lab.seen(secret, PRIVATE_HOST)).toBe(DIRECT);
    expect(await lab.apply(tabs())).toEqual({ value: true });
    expect(await lab.call({ call: 'control' })).toEqual({ value: { holder: 'ours' } });
    expect(await lab.seen(secret, PRIVATE_HOST)).toBe(CIRCUIT);
    expect(await lab.seen(secret, OTHER_HOST)).toBe(CIRCUIT);
    expect(await lab.seen(normal, NORMAL_HOST)).toBe(DIRECT);
  });
});
