// What a hostile exit could join: it issues tickets that it knows again, and notes every connection and header. Two sites in two private tabs, and
// two sites one after the other in one tab, must be two strangers to it.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DrivenTab } from '../../../devnet/browsers/driven-browser.ts';
import { BADGE, setPrivate, waitForBadge } from '../../../devnet/private-tab.ts';
import { possibleCircuits } from '../../../src/core/circuit/choose-circuit.ts';
import { startHarness, type Harness, type HarnessBrowser } from '../harness/harness.ts';
import { isOfRun, leakOptions } from '../harness/options.ts';
import {
  canJoin,
  canJoinConnections,
  connectionsFor,
  connectionsOf,
  requestsOf,
  wasAskedFor,
  type Trace,
} from './traced.ts';

const TRACING_EXIT = fileURLToPath(new URL('./tracing-exit.ts', import.meta.url));
/** Fields that a private tab adds, and why: Global Privacy Control is asked for by rule (docs/decisions). */
const OWN_FIELDS = ['sec-gpc'];

/** A circuit is built and checked meanwhile. */
const NEW_IDENTITY_MS = 30_000;

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ exitProgram: TRACING_EXIT });
});
afterAll(async () => {
  await harness.close();
});

async function traces(): Promise<Trace[]> {
  const exits = harness.server.facts.relays.filter(({ role }) => role === 'exit');
  return (await Promise.all(exits.map(({ name }) => harness.server.log(name, 0)))) as unknown as Trace[];
}

test.runIf(isOfRun('firefox'))('the hostile exit knows a ticket again that it issued', async () => {
  const [circuit] = possibleCircuits(harness.server.facts.records);
  const ca = await readFile(harness.server.facts.caFile, 'utf8');
  const dial = async (session?: Buffer): Promise<Buffer> => {
    const socket = connect({
      host: circuit!.proxyHost.split('.', 1)[0]!.replaceAll('-', '.'),
      port: circuit!.proxyPort,
      servername: circuit!.proxyHost,
      ALPNProtocols: ['h2'],
      ca,
      ...(session === undefined ? {} : { session }),
    });
    const [ticket] = (await once(socket, 'session')) as [Buffer];
    socket.destroy();
    return ticket;
  };
  await dial(await dial());
  const offers = (await traces()).flatMap((trace) => connectionsOf(trace).map((line) => line.offers.length));
  expect(offers).toContain(1);
});

describe.runIf(isOfRun('firefox')).each(leakOptions().browsers)('%s', (name) => {
  // Registrable domains, each another site; the second is only ever part of the first's page.
  const NEWS = `news.${name}-one.test`;
  const NEWS_PICTURES = `pictures.${name}-two.test`;
  const SHOP = `shop.${name}-three.test`;
  const FORUM = `forum.${name}-four.test`;
  let browser: HarnessBrowser;
  let news: DrivenTab;
  let shop: DrivenTab;

  beforeAll(async () => {
    browser = await harness.launch(name);
    // Both before either is private: Chrome takes a tab that opens beside a private one for one that it opened.
    news = await browser.openTab('about:blank');
    shop = await browser.openTab('about:blank');
    for (const tab of [news, shop]) await (await setPrivate(browser, tab, true)).close();
    const body = encodeURIComponent(`<img src="https://${NEWS_PICTURES}/a.svg">`);
    expect(await news.open(`https://${NEWS}/html?body=${body}`)).toBeUndefined();
    expect(await shop.open(`https://${SHOP}/`)).toBeUndefined();
  });
  afterAll(async () => {
    await browser.close();
  });

  test('what one page asks for can be joined, so the exit sees at all', async () => {
    expect(canJoin(await traces(), NEWS, NEWS_PICTURES)).toBe(true);
  });

  test('two private tabs on different sites share no connection and no ticket', async () => {
    for (const host of [NEWS, SHOP]) expect(wasAskedFor(await traces(), host)).toBe(true);
    expect(canJoin(await traces(), NEWS, SHOP)).toBe(false);
  });

  test('nor do two sites one after the other in one tab', async () => {
    expect(await news.open(`https://${FORUM}/`)).toBeUndefined();
    expect(wasAskedFor(await traces(), FORUM)).toBe(true);
    expect(canJoin(await traces(), NEWS, FORUM)).toBe(false);
    expect(canJoin(await traces(), SHOP, FORUM)).toBe(false);
  });

  test('nor does one site before and after a new identity', async () => {
    const before = connectionsFor(await traces(), SHOP);
    const popup = await browser.openPopup(shop);
    await popup.click('[data-action="new-identity"]');
    await waitForBadge(browser, shop, BADGE.private);
    await popup.close();
    await expect
      .poll(
        async () => {
          await shop.open(`https://${SHOP}/after`);
          return connectionsFor(await traces(), SHOP).size;
        },
        { timeout: NEW_IDENTITY_MS },
      )
      .toBeGreaterThan(before.size);
    const after = new Set([...connectionsFor(await traces(), SHOP)].filter((name) => !before.has(name)));
    expect(canJoinConnections(await traces(), before, before)).toBe(true);
    expect(canJoinConnections(await traces(), before, after)).toBe(false);
  });

  test('a request in plain http has the header fields of the browser’s own', async () => {
    const fieldsOf = async (tab: DrivenTab, path: string): Promise<Record<string, string>> => {
      expect(await tab.open(`http://${FORUM}${path}`)).toBeUndefined();
      const request = (await harness.server.requests(0)).findLast((each) => each.path === path && each.host === FORUM);
      const hop = ['connection', 'proxy-connection', 'keep-alive', ...OWN_FIELDS];
      return Object.fromEntries(Object.entries(request!.headers).filter(([field]) => !hop.includes(field)));
    };
    const normal = await browser.openTab('about:blank');
    if ((await browser.badge(normal)).text !== BADGE.off) await (await setPrivate(browser, normal, false)).close();
    const own = await fieldsOf(normal, `/${name}-normal`);
    expect(await fieldsOf(shop, `/${name}-private`)).toEqual(own);
    await normal.close();
  });

  test('a CONNECT says nothing but where to and which browser', async () => {
    const connects = (await traces())
      .flatMap((trace) => requestsOf(trace))
      .map(({ headers }) => new Map(headers))
      .filter((headers) => headers.get(':method') === 'CONNECT');
    expect(connects.length).toBeGreaterThan(0);
    for (const headers of connects) {
      expect([':method', ':authority', 'user-agent']).toEqual(expect.arrayContaining([...headers.keys()]));
    }
  });
});
