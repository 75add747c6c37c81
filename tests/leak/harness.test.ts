// What the harness itself must be able to see, before anything is concluded from what it does not see: a direct request of a browser that
// has the extension installed as a person has it, and the same request of a private tab, which only an exit makes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setPrivate } from '../../devnet/private-tab.ts';
import { CABLE, EXIT_ADDRESSES } from '../../devnet/laboratory/plan.ts';
import { startHarness, texts, type Harness, type HarnessBrowser } from './harness/harness.ts';
import { leakOptions } from './harness/options.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe.each(leakOptions().browsers)('%s', (name) => {
  let browser: HarnessBrowser;
  beforeAll(async () => {
    browser = await harness.launch(name);
  });
  afterAll(() => browser.close());

  test('the tap sees what a normal tab asks for, name and connection', async () => {
    const host = `${name}.control.test`;
    const mark = await harness.mark();
    const tab = await browser.openTab(`https://${host}/`);
    const seen = texts(await harness.leaksSince(mark, {}, [host]));
    expect(seen).toContainEqual(expect.stringMatching(`^dns .*A ${host}`));
    expect(seen).toContainEqual(expect.stringMatching(`^tcp-open .*:443 \\(${host}\\)`));
    const requests = await harness.server.requests(0);
    expect(requests.find((request) => request.host === host)?.from).toBe(CABLE.client.v4);
    await tab.close();
  });

  test('the tap sees nothing of a private tab, whose sites see an exit', async () => {
    const host = `${name}.secret.test`;
    const tab = await browser.openTab('about:blank');
    await (await setPrivate(browser, tab, true)).close();
    const mark = await harness.mark();
    expect(await tab.open(`https://${host}/`)).toBeUndefined();
    expect(texts(await harness.leaksSince(mark, {}, [host]))).toEqual([]);
    const requests = await harness.server.requests(0);
    expect(EXIT_ADDRESSES).toContain(requests.find((request) => request.host === host)?.from);
  });
});
