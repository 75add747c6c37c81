// The worker and the person's rules for sites, through its messages and the browser's events: which tab becomes private, before what, and what is said where one stops.

import { beforeEach, describe, expect, test } from 'vitest';
import { HOLD_MS } from '../../../src/core/circuit/durations.ts';
import type { HeldView } from '../../../src/core/state/held.ts';
import { answerMessage } from '../../../src/messages/answer.ts';
import { handle } from '../../../background/handlers.ts';
import type { Message, SitesView } from '../../../src/messages/protocol.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const OTHER = 2;
const SHOP = 'https://www.shop.test/next';
const BUILD = '1';

let world: World;
let views: HeldView[];

async function begin(scope: 'tab' | 'site'): Promise<void> {
  world = await World.create();
  world.scope = scope;
  world.browser.addTab(TAB, 'https://news.test/');
  world.browser.addTab(OTHER, 'https://weather.test/');
  await world.start();
  views = [];
  world.app.watchHeld(TAB, (view) => views.push(view));
  await world.idle();
}
beforeEach(() => begin('site'));

/** Through the edge, as the popup sends it. */
const ask = (type: Message['type'], data: unknown) =>
  answerMessage(
    { build: BUILD, type, data },
    { kind: 'popup', tab: undefined },
    { build: BUILD, handle: (message, sender) => handle(world.app.handlers, message, sender), report: () => undefined },
  );
const rule = (host: string, mode: 'always' | 'never') => ask('sites/set-rule', { host, mode });
const hostsKept = async (): Promise<string[]> => {
  const reply = await ask('sites/read', {});
  return reply.ok ? (reply.value as SitesView).rules.map(({ host, mode }) => `${host} ${mode}`) : [reply.error];
};
const held = (type: 'held/open-normal' | 'held/private-once' | 'held/end-private') =>
  handle(world.app.handlers, { type, data: {} }, { kind: 'held', tab: TAB });
const navigate = (url = SHOP, tab = TAB): void => world.app.events.navigating({ tab, url, isMain: true, at: 0 });
/** Chrome closed the page. */
const closed = (url = SHOP, tab = TAB): void =>
  world.app.events.failed({ tab, url, isMain: true, at: 0, cause: 'blocked' });
const come = (url = SHOP, tab = TAB): void => {
  world.browser.addTab(tab, url);
  world.app.events.committed({ tab, url, isMain: true, at: world.browser.now });
};
const shown = (): string[] => world.browser.log.filter((line) => /^(hold|load|reload) /.test(line));

describe('the list', () => {
  test('is changed by the popup’s messages, and kept in two cells', async () => {
    await rule('https://Shop.test/path', 'always');
    await rule('bank.test', 'never');
    expect(await hostsKept()).toEqual(['bank.test never', 'shop.test always']);
    await ask('sites/import', {
      rules: [
        { host: 'mail.test', mode: 'always' },
        { host: 'bank.test', mode: 'always' },
      ],
    });
    expect(await hostsKept()).toEqual(['bank.test always', 'mail.test always', 'shop.test always']);
    await ask('sites/remove', { host: 'bank.test' });
    expect(await hostsKept()).toEqual(['mail.test always', 'shop.test always']);
    const { local } = world.browser.stored;
    expect(local.get('site-rules')).toEqual(local.get('site-rules-copy'));
  });

  test('refuses by name what is no site, and takes nothing of a list that is wrong', async () => {
    expect(await rule('co.uk', 'always')).toEqual({ ok: false, error: 'site-suffix' });
    expect(await rule('localhost', 'never')).toEqual({ ok: false, error: 'site-local' });
    expect(await rule('', 'never')).toEqual({ ok: false, error: 'site-empty' });
    expect(await ask('sites/set-rule', { host: 'a.test', mode: 'often' })).toEqual({ ok: false, error: 'malformed' });
    const rules = [
      { host: 'a.test', mode: 'always' },
      { host: 'A.test', mode: 'always' },
    ];
    expect(await ask('sites/import', { rules })).toEqual({ ok: false, error: 'malformed' });
    expect(await hostsKept()).toEqual([]);
  });

  test('is full at its bound, by name', async () => {
    const rules = Array.from({ length: 500 }, (_, at) => ({ host: `a${at}.test`, mode: 'never' }));
    expect(await ask('sites/import', { rules })).toMatchObject({ ok: true });
    expect(await rule('one-more.test', 'always')).toEqual({ ok: false, error: 'sites-full' });
    expect(await rule('a7.test', 'always')).toMatchObject({ ok: true });
  });

  test('is read from its copy where it is damaged, and is said to be lost where both are', async () => {
    await rule('shop.test', 'always');
    const { local } = world.browser.stored;
    local.set('site-rules', { version: 1, value: 'junk' });
    await world.restartWorker();
    expect(await hostsKept()).toEqual(['shop.test always']);
    expect(world.browser.policy?.siteRules).toHaveLength(1);
    local.set('site-rules-copy', { version: 9, value: [] });
    await world.restartWorker();
    expect(await ask('sites/read', {})).toMatchObject({ ok: true, value: { rules: [], isLost: true } });
    expect((await world.look(TAB)).siteRule).toBe('lost');
    await rule('bank.test', 'never');
    expect(await ask('sites/read', {})).toMatchObject({ value: { rules: [{ host: 'bank.test' }], isLost: false } });
  });
});

describe('a site that is always private', () => {
  beforeEach(async () => {
    await rule('shop.test', 'always');
    await world.idle();
    world.browser.log.length = 0;
  });

  test('is in force while nothing is private, and after the worker has died', async () => {
    expect(world.browser.policy).toMatchObject({ active: false, siteRules: [{ host: 'shop.test', mode: 'always' }] });
    world.browser.policy = undefined;
    await world.restartWorker();
    expect(world.browser.policy).toMatchObject({ active: false, siteRules: [{ host: 'shop.test', mode: 'always' }] });
  });

  test('makes the tab private whose page was closed, and the page waits in ours and goes on', async () => {
    navigate();
    closed();
    await world.until(TAB, 'connecting');
    await world.idle();
    expect(shown()).toEqual([`hold ${TAB} ${SHOP}`]);
    world.app.events.committed({ tab: TAB, url: 'ext://held', isMain: true, at: world.browser.now });
    await world.until(TAB, 'private');
    await world.idle();
    expect(views.at(-1)).toEqual({ is: 'go', url: SHOP });
    expect(world.browser.policy?.privateTabs).toEqual([TAB]);
    expect((await world.look(OTHER)).status.is).toBe('off');
  });

  test('is not gone on to before the browser lets the private tab through', async () => {
    await world.set(OTHER, true);
    await world.until(OTHER, 'private');
    const { promise, resolve } = Promise.withResolvers<undefined>();
    world.browser.follows = promise;
    navigate();
    closed();
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
    // Our page has come, and asks what it is to show.
    world.app.watchHeld(TAB, (view) => views.push(view));
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
    expect(views.map(({ is }) => is)).not.toContain('go');
    resolve(undefined);
    await world.idle();
    expect(views.at(-1)).toEqual({ is: 'go', url: SHOP });
  });

  test('waits, and says so, where there is no circuit', async () => {
    for (const { label } of world.network.entries) world.dead.add(label);
    navigate();
    closed();
    await world.until(TAB, 'blocked');
    await world.idle();
    world.browser.elapse(HOLD_MS);
    await world.idle();
    expect(shown()).toEqual([`hold ${TAB} ${SHOP}`]);
    expect(views.at(-1)).toMatchObject({ is: 'stuck', site: 'www.shop.test' });
  });

  test('in Firefox makes the tab private while its request waits, from a redirect too', async () => {
    await begin('tab');
    await rule('shop.test', 'always');
    navigate('https://short.test/');
    await world.idle();
    expect((await world.look(TAB)).status.is).toBe('off');
    world.app.events.requesting({ tab: TAB, url: SHOP });
    await world.until(TAB, 'connecting');
    await world.idle();
    expect(world.browser.policy?.privateTabs).toEqual([TAB]);
    expect(shown()).toEqual([]);
    come();
    await world.until(TAB, 'private');
  });

  test('makes a tab private that shows it when the rule comes', async () => {
    world.browser.addTab(OTHER, 'https://bank.test/');
    await rule('bank.test', 'always');
    await world.until(OTHER, 'private');
    expect(world.browser.log).toContain(`reload ${OTHER}`);
    expect((await world.look(TAB)).status.is).toBe('off');
  });

  test('is left by the switch in that tab until it goes elsewhere', async () => {
    closed();
    await world.until(TAB, 'connecting');
    come();
    await world.until(TAB, 'private');
    await world.set(TAB, false);
    await world.until(TAB, 'off');
    expect(world.browser.policy?.rulesAside).toEqual([{ tab: TAB, host: 'shop.test' }]);
    expect((await world.look(TAB)).siteRule).toEqual({ host: 'shop.test', mode: 'always', isAside: true });
    navigate('https://shop.test/more');
    come('https://shop.test/more');
    await world.idle();
    expect((await world.look(TAB)).status.is).toBe('off');
    navigate('https://news.test/');
    come('https://news.test/');
    await world.idle();
    expect(world.browser.policy?.rulesAside).toEqual([]);
    navigate();
    closed();
    await world.until(TAB, 'connecting');
  });

  test('does not bring a tab back that is leaving it after the switch, however long the next page takes', async () => {
    closed();
    await world.until(TAB, 'connecting');
    come();
    await world.until(TAB, 'private');
    await world.set(TAB, false);
    await world.until(TAB, 'off');
    await world.idle();
    const before = shown().length;
    navigate('https://news.test/');
    await world.idle();
    expect((await world.look(TAB)).status.is).toBe('off');
    expect(shown().slice(before)).toEqual([]);
    come('https://news.test/');
    await world.idle();
    navigate();
    closed();
    await world.until(TAB, 'connecting');
  });

  test('is opened without its final dot, as which it stays closed', async () => {
    closed('https://shop.test./a');
    await world.until(TAB, 'connecting');
    await world.idle();
    expect(shown()).toEqual([`hold ${TAB} https://shop.test/a`]);
  });

  test('changes nothing where another extension stopped a page of another site', async () => {
    closed('https://ads.test/');
    await world.idle();
    expect((await world.look(TAB)).status.is).toBe('off');
    expect(shown()).toEqual([]);
  });

  test('is chosen and taken back in a page’s menu', async () => {
    world.app.setSiteRule('https://www.mail.test/inbox', true);
    await world.idle();
    expect(await hostsKept()).toEqual(['mail.test always', 'shop.test always']);
    world.app.setSiteRule('https://www.shop.test/', false);
    world.app.setSiteRule('about:config', true);
    await world.idle();
    expect(await hostsKept()).toEqual(['mail.test always']);
  });
});

describe('a site that is never private', () => {
  const BANK = 'https://bank.test/login';
  beforeEach(async () => {
    await rule('bank.test', 'never');
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    await world.idle();
    world.browser.log.length = 0;
    navigate(BANK);
    closed(BANK);
    await world.idle();
  });

  test('stops a private tab, which says why', () => {
    expect(shown()).toEqual([`hold ${TAB} ${BANK}`]);
    expect(views.at(-1)).toEqual({ is: 'never', site: 'bank.test' });
  });

  test('is opened in a tab that is not private, of which the private one is no opener', async () => {
    await held('held/open-normal');
    await world.idle();
    const opened = [...world.browser.open.keys()].at(-1)!;
    expect(opened).not.toBe(OTHER);
    expect(world.browser.log).toContain(`load ${opened} ${BANK}`);
    expect(world.browser.open.get(opened)?.opener).toBeUndefined();
    expect((await world.look(opened)).status.is).toBe('off');
    expect((await world.look(TAB)).status.is).toBe('private');
  });

  test('is opened privately once, and not again from another site', async () => {
    await held('held/private-once');
    await world.idle();
    expect(views.at(-1)).toEqual({ is: 'go', url: BANK });
    expect(world.browser.policy?.rulesAside).toEqual([{ tab: TAB, host: 'bank.test' }]);
    navigate('https://news.test/');
    come('https://news.test/');
    await world.idle();
    expect(world.browser.policy?.rulesAside).toEqual([]);
  });

  test('keeps the switch from making a tab private on it, by name', async () => {
    world.browser.addTab(OTHER, BANK);
    expect(await ask('tab/set-private', { tab: OTHER, wanted: true })).toEqual({
      ok: false,
      error: 'site-never-private',
    });
    expect((await world.look(OTHER)).siteRule).toEqual({ host: 'bank.test', mode: 'never', isAside: false });
    await ask('sites/remove', { host: 'bank.test' });
    expect(await ask('tab/set-private', { tab: OTHER, wanted: true })).toMatchObject({ ok: true });
  });

  test('cannot be asked for by a page that stopped for something else', async () => {
    await world.restartWorker();
    world.app.events.removed(TAB);
    await world.idle();
    await expect(held('held/open-normal')).rejects.toThrow('no-tab');
  });
});
