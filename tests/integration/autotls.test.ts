// A relay's certificates from our zones and Debian's pebble: got, shown, kept, renewed; and what is done when a zone, an authority, a file or a clock is not as it should be.

import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Certificate } from '../../relay/certificates/certificate-source.ts';
import { keyHash } from '../../relay/certificates/certificate-store.ts';
import { offerWindow, payloadOf } from '../support/acme-window.ts';
import { createAutotlsBench, shownFor, type AutotlsBench, type BenchZone } from '../support/autotls-bench.ts';
import { createTestClock } from '../support/autotls-clock.ts';
import { startCtLog } from '../support/ct-log.ts';
import type { FrontAnswer } from '../support/https-front.ts';
import { eventually } from '../support/eventually.ts';

const HOST = '127.0.5.4';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let bench: AutotlsBench;
let one: BenchZone;
let two: BenchZone;
const open: { close(): void }[] = [];

beforeAll(async () => {
  bench = await createAutotlsBench(HOST, ['one.test', 'two.test']);
  [one, two] = bench.zones as [BenchZone, BenchZone];
});

afterEach(() => {
  for (const source of open.splice(0)) source.close();
  for (const front of bench.zones.flatMap(({ authority, broker }) => [authority, broker])) {
    front.down = false;
    front.answer = undefined;
    front.changeAnswer = (_, answer) => answer;
    front.requests.length = 0;
  }
});

afterAll(() => bench.close());

const only = (...zones: BenchZone[]) => ({ zones: zones.map(({ config }) => config) });
const nameIn = ({ zone }: BenchZone): string => `192-0-2-1.${bench.label}.${zone.domain}`;
const orders = ({ authority }: BenchZone): number =>
  authority.requests.filter(({ path, status }) => path.includes('order-plz') && status === 201).length;
const codes = (lines: Record<string, unknown>[]): unknown[] =>
  lines.filter(({ event }) => event === 'certificate-trouble').map(({ code }) => code);

async function started(...[parts]: Parameters<AutotlsBench['start']>) {
  const { running, ...rest } = bench.start(parts);
  const { source } = await running;
  open.push(source);
  return { source, ...rest };
}

test('a relay has a certificate in each zone, and shows the one that is asked for', async () => {
  const begun = performance.now();
  const { source, state, lines } = await started();
  await eventually(() => expect(lines.filter(({ event }) => event === 'certificate-issued')).toHaveLength(2));
  const seconds = ((performance.now() - begun) / 1000).toFixed(2);
  console.log(`from start to certificates of two zones in use, pebble: ${seconds} s`);
  for (const each of [one, two]) {
    const shown = await shownFor(source, nameIn(each), await each.pebble.root(bench.client));
    expect(shown.subjectAltName).toBe(`DNS:*.${bench.label}.${each.zone.domain}`);
    const { mode } = await stat(join(state, `${each.zone.domain}.pem`));
    expect(mode & 0o777).toBe(0o600);
  }
  expect((await stat(join(state, 'account.key'))).mode & 0o777).toBe(0o600);
  expect(source.forName?.('elsewhere.test')).toBeUndefined();

  // The next start asks nobody.
  source.close();
  const before = orders(one) + orders(two);
  const again = await started({ state });
  expect(again.source.current().chain).toBe(source.forName?.(nameIn(one))?.chain);
  expect(orders(one) + orders(two)).toBe(before);
  expect(JSON.stringify([lines, again.lines])).not.toMatch(/PRIVATE KEY|127\.0\.5\.4/);
});

test('a zone that is down leaves the other as it is, and is asked again until it is back', async () => {
  one.broker.down = true;
  const { source, clock, lines } = await started();
  await eventually(() => expect(codes(lines)).toEqual(['broker-unreachable']));
  expect(source.current()).toBe(source.forName?.(nameIn(two)));
  expect(source.forName?.(nameIn(one))).toBeUndefined();
  await shownFor(source, nameIn(two), await two.pebble.root(bench.client));
  one.broker.down = false;
  clock.advance(60_000);
  await eventually(() => expect(source.forName?.(nameIn(one))).toBeDefined());
  await shownFor(source, nameIn(one), await one.pebble.root(bench.client));
});

test('an authority that is down when a certificate is to be renewed: the old one stays, and waits grow', async () => {
  const { source, clock, lines } = await started({ config: only(one) });
  const first = source.current();
  await clock.asleep();
  one.authority.down = true;
  const from = clock.sleeps.length;
  // Pebble's certificates live for five years.
  clock.advance(4 * 365 * DAY_MS);
  for (let failures = 1; failures <= 7; failures += 1) {
    await eventually(() => expect(clock.sleeps.length).toBe(from + failures));
    if (failures < 7) clock.advance(0);
  }
  expect(clock.sleeps.slice(from)).toEqual([3750, 15_000, 60_000, 240_000, 960_000, 2_700_000, 2_700_000]);
  expect(new Set(codes(lines))).toEqual(new Set(['authority-unreachable']));
  expect(source.current()).toBe(first);
});

test('an authority, or a broker, that says when to come again is not asked before', async () => {
  const limited = {
    status: 429,
    headers: { 'retry-after': '7200' },
    body: JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many certificates' }),
  };
  one.authority.answer = ({ path }) => (path.includes('order-plz') ? limited : undefined);
  two.broker.answer = () => ({ ...limited, body: 'Too many registrations.' });
  const { running, clock, lines } = bench.start();
  await eventually(() => expect(codes(lines).sort()).toEqual(['authority-limit', 'broker-limit']));
  expect(clock.sleeps).toEqual([7_200_000, 7_200_000]);
  expect(lines.map(({ msg }) => String(msg)).join('\n')).toContain('rateLimited: too many certificates');
  one.authority.answer = undefined;
  two.broker.answer = undefined;
  clock.advance(7_200_000);
  open.push((await running).source);
});

test.each<[string, (text: string) => string, string]>([
  ['half of it', (text) => text.slice(0, text.length / 2), 'bad-certificate'],
  ['a key alone', (text) => text.slice(0, text.indexOf('-----BEGIN CERTIFICATE')), 'bad-certificate'],
  ['nothing', () => '', 'bad-certificate'],
])('a file of which there is %s is replaced', async (_, spoil, code) => {
  const { source, state } = await started({ config: only(one) });
  source.close();
  const path = join(state, 'one.test.pem');
  await writeFile(path, spoil(await readFile(path, 'utf8')));
  await writeFile(join(state, 'account.key'), 'half a k');
  const again = await started({ state, config: only(one) });
  expect(codes(again.lines)).toContain(code);
  await shownFor(again.source, nameIn(one), await one.pebble.root(bench.client));
  expect(await readFile(path, 'utf8')).toBe(again.source.current().key + again.source.current().chain);
});

test('a certificate that has expired, or is for another relay, is replaced', async () => {
  const wildcard = `*.${bench.label}.one.test`;
  const past = new Date(Date.now() - DAY_MS / 2);
  for (const [leaf, code] of [
    [await bench.ca.issue({ names: [wildcard], notAfter: past }), 'clock'],
    [await bench.ca.issue({ names: ['*.another.one.test'] }), 'bad-certificate'],
  ] as const) {
    const state = join(bench.folder, `planted-${code}`);
    await mkdir(state);
    await writeFile(join(state, 'one.test.pem'), leaf.key + leaf.chain, { mode: 0o600 });
    const { source, lines } = await started({ state, config: only(one) });
    expect(codes(lines)).toEqual([code]);
    await shownFor(source, nameIn(one), await one.pebble.root(bench.client));
  }
});

test('the first zone of the list is shown to names of none, until its certificate has expired', async () => {
  const state = join(bench.folder, 'short');
  await mkdir(state);
  const notAfter = new Date(Date.now() + HOUR_MS);
  const leaf = await bench.ca.issue({ names: [`*.${bench.label}.one.test`], notAfter });
  await writeFile(join(state, 'one.test.pem'), leaf.key + leaf.chain, { mode: 0o600 });
  one.authority.down = true;
  const { source, clock, lines } = await started({ state });
  await eventually(() => expect(source.forName?.(nameIn(two))).toBeDefined());
  expect(source.current()).toBe(source.forName?.(nameIn(one)));
  clock.advance(2 * HOUR_MS);
  expect(source.current()).toBe(source.forName?.(nameIn(two)));
  expect(codes(lines)).toContain('authority-unreachable');
});

test('what an authority issues for another key, or another name, does not take the place of the old one', async () => {
  offerWindow(one.authority, { start: Date.now() - 2000, end: Date.now() - 1000 });
  const { source, clock, lines } = await started({ config: only(one) });
  const first = source.current();
  await clock.asleep();
  const other = await bench.ca.issue({ names: [`*.${bench.label}.one.test`] });
  const change = one.authority.changeAnswer;
  one.authority.changeAnswer = (request, answer) =>
    request.path.startsWith('/certZ/') ? { ...answer, body: other.chain } : change(request, answer);
  clock.advance(7 * HOUR_MS);
  await eventually(() => expect(codes(lines)).toEqual(['bad-certificate']));
  expect(source.current()).toBe(first);
});

test('a clock that is wrong is told so, and no certificate is asked for', async () => {
  // The authority's own certificate would not be valid either; that is looked at by the real clock here.
  const { running, clock, lines } = bench.start({ config: only(one), clock: createTestClock(3 * DAY_MS) });
  await clock.asleep();
  expect(codes(lines)).toEqual(['clock']);
  expect(lines.map(({ msg }) => msg)).toContainEqual(
    expect.stringMatching(/^this machine's clock is 4320 minutes ahead of that of pebble\.test/),
  );
  expect(one.authority.requests.map(({ path }) => path)).toEqual(['/dir']);
  clock.advance(-3 * DAY_MS);
  open.push((await running).source);
});

test('a certificate that is not valid yet by this clock is told so', async () => {
  const { source, state } = await started({ config: only(one) });
  source.close();
  const behind = bench.start({ state, config: only(one), clock: createTestClock(-30 * DAY_MS) });
  await behind.clock.asleep();
  expect(behind.lines.map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/is valid from .*this machine's clock says/),
    expect.stringMatching(/clock is 43200 minutes behind/),
  ]);
  behind.clock.advance(30 * DAY_MS);
  open.push((await behind.running).source);
});

test('a renewal window of the authority is followed, with another key, and not without end', async () => {
  const asked = offerWindow(one.authority, { start: Date.now() - 2000, end: Date.now() - 1000 });
  const { source, clock, lines } = await started({ config: only(one) });
  const first = source.current();
  await clock.asleep();
  expect([orders(one), asked.length, codes(lines)]).toEqual([1, 1, []]);
  const changed = new Promise<Certificate>((resolve) => source.onChange(resolve));
  clock.advance(7 * HOUR_MS);
  const second = await changed;
  expect(second).toBe(source.current());
  expect(keyHash(second.chain)).not.toBe(keyHash(first.chain));
  expect(second.key).not.toBe(first.key);
  await shownFor(source, nameIn(one), await one.pebble.root(bench.client));
  const order = one.authority.requests.findLast(({ path }) => path.includes('order-plz'));
  expect(payloadOf(order!)).toMatchObject({ replaces: asked[0] });
  expect(lines).toContainEqual(expect.objectContaining({ event: 'certificate-issued', renewed: true }));
  await clock.asleep();
  expect([orders(one), codes(lines)]).toEqual([2, []]);
});

test('an authority that takes no `replaces` is asked without', async () => {
  offerWindow(one.authority, { start: Date.now() - 2000, end: Date.now() - 1000 });
  const { source, clock } = await started({ config: only(one) });
  await clock.asleep();
  const window = one.authority.answer!;
  const problem = { type: 'urn:ietf:params:acme:error:alreadyReplaced', detail: 'it was' };
  one.authority.answer = (request) =>
    request.path.includes('order-plz') && 'replaces' in payloadOf(request)
      ? { status: 409, headers: {}, body: JSON.stringify(problem) }
      : window(request);
  const changed = new Promise<Certificate>((resolve) => source.onChange(resolve));
  clock.advance(7 * HOUR_MS);
  await changed;
  expect(one.authority.requests.some(({ status }) => status === 409)).toBe(true);
  expect(orders(one)).toBe(2);
});

test.each<[string, () => FrontAnswer, string, RegExp]>([
  [
    'answers without end',
    () => ({ status: 200, headers: {}, body: 'x'.repeat(300_000) }),
    'authority-unreachable',
    /too long|cannot be reached/,
  ],
  [
    'is no ACME server',
    () => ({ status: 200, headers: {}, body: '<html>' }),
    'authority-refused',
    /not answer as an ACME server/,
  ],
  [
    'leads to another host',
    () => {
      const elsewhere = 'https://elsewhere.test/x';
      return {
        status: 200,
        headers: {},
        body: JSON.stringify({ newNonce: elsewhere, newAccount: elsewhere, newOrder: elsewhere }),
      };
    },
    'authority-refused',
    /leads to another host/,
  ],
])('an authority that %s is not followed', async (_, answer, code, line) => {
  one.authority.answer = answer;
  const { running, clock, lines } = bench.start({ config: only(one) });
  await clock.asleep();
  expect(codes(lines)).toEqual([code]);
  expect(String(lines.at(-1)?.['msg'])).toMatch(line);
  one.authority.answer = undefined;
  clock.advance(0);
  open.push((await running).source);
});

test('a broker that does not hold the key that it names is told nothing', async () => {
  one.broker.changeAnswer = ({ method }, answer) => {
    const header = String(answer.headers['www-authenticate']);
    const stolen = header.replace(/sig="."/, 'sig="A').replace(/sig="(.{10})/, `sig="${'A'.repeat(10)}`);
    return method === 'OPTIONS' ? { ...answer, headers: { ...answer.headers, 'www-authenticate': stolen } } : answer;
  };
  const { running, clock, lines } = bench.start({ config: only(one) });
  await clock.asleep();
  expect(lines.at(-1)).toMatchObject({
    code: 'broker-refused',
    msg: expect.stringMatching(/does not hold the key/) as string,
  });
  expect(one.broker.requests.map(({ method }) => method)).toEqual(['OPTIONS']);
  one.broker.changeAnswer = (_, answer) => answer;
  clock.advance(HOUR_MS);
  open.push((await running).source);
});

test('a certificate that somebody else got for a name of the relay is told, its own are not', async () => {
  const ctLog = await startCtLog(HOST, 'log.test', await bench.ca.issue({ names: ['log.test'] }));
  try {
    const { source, clock, lines } = await started({ config: { ...only(one), ctLogs: [ctLog.url] } });
    await eventually(() => expect(clock.sleeps).toContain(600_000));
    ctLog.add(source.current().chain);
    ctLog.add((await bench.ca.issue({ names: [`*.${bench.label}.one.test`] })).chain);
    clock.advance(600_000);
    await eventually(() => expect(lines.some(({ event }) => event === 'certificate-unknown')).toBe(true));
    const told = lines.filter(({ event }) => event === 'certificate-unknown');
    expect(told).toMatchObject([{ level: 50, names: [`*.${bench.label}.one.test`], issuer: 'CN=test root' }]);
  } finally {
    await ctLog.close();
  }
});
