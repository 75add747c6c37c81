// Rules for sites that name a country, in the worker: such a site leaves there from its first page on, others stay as they are, and nobody goes direct where no exit there is left.

import { describe, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import type { ExitChoice } from '../../../src/core/circuit/exit-choice.ts';
import { SPARE_RETRY_MS } from '../../../src/core/circuit/durations.ts';
import { proxiesForSite } from '../../../src/core/routing/site-routes.ts';
import type { SiteRule } from '../../../src/core/routing/site-rule.ts';
import type { SitesView } from '../../../src/messages/protocol.ts';
import { eventually } from '../../support/eventually.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const SITE = 'shop.test';
const NOW = 1_796_083_200_000;
const popup = { kind: 'popup', tab: undefined } as const;
const OPERATOR = { NL: 'cedar', CH: 'douglas', IS: 'elm' } as const;
type Country = keyof typeof OPERATOR;
const OTHERS = Array.from({ length: 20 }, (_, index) => `site-${index}.test`);

let world: World;
const create = async (scope: World['scope']): Promise<void> => {
  world = await World.create();
  world.scope = scope;
  world.browser.now = NOW;
  world.browser.addTab(TAB, `https://www.${SITE}/`);
  world.network.records[3]!.region = 'CH';
  world.network.records[4]!.region = 'IS';
  await world.start();
};
const goPrivate = async (): Promise<void> => {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await world.idle();
};
const begin = async (scope: World['scope'] = 'tab'): Promise<void> => {
  await create(scope);
  await goPrivate();
};
const set = async (host: string, exit?: Country | 'NZ', mode: SiteRule['mode'] = 'exit'): Promise<SitesView> => {
  const data = { host, mode, ...(exit !== undefined && { exit }) };
  const view = await handle(world.app.handlers, { type: 'sites/set-rule', data }, popup);
  await world.idle();
  return view as SitesView;
};
const choose = (choice: ExitChoice) =>
  handle(world.app.handlers, { type: 'exits/choose', data: { tab: TAB, choice } }, popup);
const peerOf = (country: Country): string =>
  world.network.records.find(({ operator }) => operator === OPERATOR[country])!.peer;
/** By which exit a page of that host goes. */
const exitOf = (host: string): string => {
  const { circuits, sites } = world.browser.policy!;
  const [first, ...rest] = circuits;
  return proxiesForSite({ circuits, sites }, [first!, ...rest], host)[0].host.split('.')[1]!;
};
const countryOf = (host: string): string | undefined =>
  world.network.records.find(({ peer }) => peer === exitOf(host))?.region;
const shown = async () => (await world.look(TAB)).exitChoice;
const kill = (...countries: Country[]): void => world.killExits(...countries.map(peerOf));
const asked = (): Promise<void> => world.askCircuits();

describe('where the browser tells sites apart', () => {
  test.each(['IS', 'CH', 'NL'] as const)(
    'a site leaves in %s with all of its hosts, and no other is moved',
    async (to) => {
      await begin();
      const before = OTHERS.map(exitOf);
      await set(SITE, to);
      expect([countryOf(SITE), countryOf(`cdn.${SITE}`)]).toEqual([to, to]);
      expect(OTHERS.map(exitOf)).toEqual(before);
      expect(await shown()).toEqual({ choice: { kind: 'region', region: to }, isMet: true });
      expect((await world.look(TAB)).circuit?.exit.region).toBe(to);
    },
  );

  test('from its first page on, whether it is open or not when there is a circuit', async () => {
    await create('tab');
    await set('late.test', 'IS', 'always');
    await set('other.test', 'CH');
    await goPrivate();
    expect([countryOf('late.test'), countryOf('other.test')]).toEqual(['IS', 'CH']);
    await world.restartWorker();
    await world.idle();
    expect([countryOf('late.test'), countryOf('other.test')]).toEqual(['IS', 'CH']);
  });

  test.each(['IS', 'CH', 'NL'] as const)('the first circuit is built to %s where its site is open', async (to) => {
    await create('tab');
    await set(SITE, to);
    // Of sites that nobody has open: they are no reason to begin elsewhere.
    await set('a.test', to === 'IS' ? 'CH' : 'IS');
    const ways: string[] = [];
    const { log } = world.browser;
    const push = log.push.bind(log);
    log.push = (...lines) => {
      if ((world.browser.policy?.circuits.length ?? 0) > 0) ways.push(countryOf(SITE)!);
      return push(...lines);
    };
    await goPrivate();
    expect(new Set(ways)).toEqual(new Set([to]));
  });

  test('when its exit is gone it goes by another, is said to, and comes back; it is private all the while', async () => {
    await begin();
    await set(SITE, 'IS');
    kill('IS');
    await asked();
    expect(countryOf(SITE)).not.toBe('IS');
    expect((await world.look(TAB)).status.is).toBe('private');
    expect(world.browser.policy!.circuits.length).toBeGreaterThan(0);
    expect(await shown()).toEqual({ choice: { kind: 'region', region: 'IS' }, isMet: false });
    kill();
    world.browser.elapse(SPARE_RETRY_MS + 1);
    await asked();
    await eventually(() => expect(countryOf(SITE)).toBe('IS'));
  });

  test('a way that is new is built at once, though others that could not be had are waited for', async () => {
    await create('tab');
    kill('IS');
    await goPrivate();
    expect(world.browser.policy!.circuits.some(({ host }) => host.includes(peerOf('IS')))).toBe(false);
    kill();
    await set(SITE, 'IS');
    expect(countryOf(SITE)).toBe('IS');
  });

  test('a country of which no exit is known is said not to be met, and nothing is dialled for it for ever', async () => {
    await begin();
    await set(SITE, 'NZ');
    expect(await shown()).toMatchObject({ isMet: false });
    expect((await world.look(TAB)).status.is).toBe('private');
    const { length } = world.reached;
    world.browser.elapse(SPARE_RETRY_MS + 1);
    await world.idle();
    expect(world.reached.length).toBe(length);
  });

  test('what is chosen for the site comes first, until the rule is set anew', async () => {
    await begin();
    await set(SITE, 'IS');
    await choose({ kind: 'region', region: 'CH' });
    await world.idle();
    expect(countryOf(SITE)).toBe('CH');
    await set(SITE, 'NL');
    expect(countryOf(SITE)).toBe('NL');
    expect(await shown()).toEqual({ choice: { kind: 'region', region: 'NL' }, isMet: true });
    // Nothing that is set again as it was, and a rule for another site, ends a choice.
    await choose({ kind: 'region', region: 'CH' });
    await set(SITE, 'NL');
    await set('other.test', 'IS');
    expect(countryOf(SITE)).toBe('CH');
  });

  test.each<[string, () => Promise<unknown>]>([
    ['any exit', () => choose({ kind: 'any' })],
    ['the fastest', () => choose({ kind: 'fastest' })],
    ['another exit', () => world.app.handlers['circuit/another-exit']({ tab: TAB }, popup)],
  ])('%s puts the rule aside for now, and it does not come back by itself', async (_, act) => {
    await begin();
    await set(SITE, 'IS');
    await act();
    await world.idle();
    const now = countryOf(SITE);
    expect(await shown()).toBeUndefined();
    world.browser.elapse(SPARE_RETRY_MS + 1);
    await asked();
    expect(countryOf(SITE)).toBe(now);
    expect(await shown()).toBeUndefined();
  });

  test('a new identity keeps it', async () => {
    await begin();
    await set(SITE, 'IS');
    await world.app.handlers['circuit/new-identity']({ tab: TAB }, popup);
    await world.idle();
    expect(countryOf(SITE)).toBe('IS');
  });

  test('a hundred rules are placed at once, by as many circuits as countries', async () => {
    await begin();
    const rules = Array.from({ length: 100 }, (_, at): SiteRule => ({
      ...{ host: `rule-${at}.test`, mode: 'exit', exit: at % 2 === 0 ? 'IS' : 'CH' },
    }));
    const passes = () => world.browser.log.filter((line) => line.startsWith('apply')).length;
    const before = passes();
    await handle(world.app.handlers, { type: 'sites/import', data: { rules } }, popup);
    await world.idle();
    expect(rules.map(({ host }) => countryOf(host))).toEqual(rules.map(({ exit }) => exit));
    expect(passes() - before).toBeLessThan(10);
  });

  test('alone it makes no tab private and keeps none from being so', async () => {
    await create('tab');
    const view = await set(SITE, 'IS');
    expect(view).toMatchObject({ exits: ['CH', 'IS', 'NL'], rules: [{ host: SITE, mode: 'exit', exit: 'IS' }] });
    const url = `https://www.${SITE}/next`;
    world.app.events.navigating({ tab: TAB, url, isMain: true, at: 0 });
    world.app.events.failed({ tab: TAB, url, isMain: true, at: 0, cause: 'blocked' });
    await world.idle();
    expect((await world.look(TAB)).status.is).toBe('off');
    expect((await world.look(TAB)).siteRule).toEqual({ host: SITE, mode: 'exit', exit: 'IS', isAside: false });
  });
});

describe('where it does not', () => {
  test('a country is kept and has no effect, and the view is told so', async () => {
    await begin('site');
    const before = world.browser.policy!.circuits.map(({ host }) => host);
    const view = await set(SITE, 'IS', 'always');
    expect(view.exits).toBeUndefined();
    expect(view.rules).toEqual([{ host: SITE, mode: 'always', exit: 'IS' }]);
    expect(world.browser.policy!.circuits.map(({ host }) => host)).toEqual(before);
    expect(await shown()).toBeUndefined();
    expect(JSON.stringify(world.browser.stored.local.get('site-rules'))).toContain('"exit":"IS"');
  });
});

test('what is wrong with a country has a name', async () => {
  await create('tab');
  await expect(set('news.shop.test', 'IS')).rejects.toThrow('site-exit-part');
});
