// I1: every vector there is, from a private tab of a real browser, towards hosts that nothing else has open and towards hosts that normal
// tabs are on. The wire has the word. Each is tried without protection first, and a vector that does not leak there proves nothing.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { delay, type BrowserName, type DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import { setPrivate } from '../../devnet/private-tab.ts';
import { addressOf, CABLE } from '../../devnet/laboratory/plan.ts';
import { startHarness, texts, type Harness, type HarnessBrowser } from './harness/harness.ts';
import { leakOptions } from './harness/options.ts';
import { connectionOf, isGoodbye, MULTICAST_DNS_PORT, type Packet } from './harness/packets.ts';
import { report, type Row } from './harness/report.ts';
import { leaksIn } from './harness/verdict.ts';
import { aimOf, isOf, normalHostOf, type Phase } from './vectors/aims.ts';
import { VECTORS } from './vectors/index.ts';
import { openFrom, runVectors } from './vectors/run.ts';
import type { Vector } from './vectors/vector.ts';

/** The slowest vector without protection: a report that is sent after a moment's wait. */
const CONTROL_LIMIT_MS = 15_000;
/** A busy browser leaves out what a page asks for ahead of time. */
const CONTROL_TURNS = 3;
const POLL_MS = 250;
/** Longer than any vector needed without protection, but for those that a closed tab sends. */
const SETTLE_MS = 6000;
const AFTER_CLOSE_MS = 2000;
/** Three times what lies between two announcements, and more names than one vector takes. */
const SILENT_MS = 3000;
const ANNOUNCED_MS = 30_000;
const RUN_MS = 900_000;
const PHASES = ['new', 'normal'] as const;
/** Firefox says of each request which tab it is of, so that who else is on the host decides nothing: with little time that is left out. */
const phasesOf = (name: BrowserName): readonly (typeof PHASES)[number][] =>
  leakOptions().short && name === 'firefox' ? ['new'] : PHASES;

/** With little time Firefox, which takes twice as long for each, has every other one; Chromium has all. */
const isTried = (name: BrowserName, index: number): boolean =>
  !leakOptions().short || name === 'chromium' || index % 2 === 0;

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe.each(leakOptions().browsers)('%s', (name) => {
  const phases = phasesOf(name);
  const vectors = VECTORS.filter((vector, index) => vector.notApplicable?.[name] === undefined && isTried(name, index));
  const found: Record<Phase, Map<Vector, Packet[]>> = { control: new Map(), new: new Map(), normal: new Map() };
  const witness = `witness.${name}.test`;
  let browser: HarnessBrowser;
  const rows: Row[] = [];
  let strangers: string[] = [];
  let witnessTab: DrivenTab;

  const aimIn = (phase: Phase) => (vector: Vector) => aimOf(VECTORS, vector, phase, name);
  /** Sorts the packets since the marks by vector. */
  const collect = async (phase: Phase, since: { cable: { index: number }; lo: { index: number } }): Promise<void> => {
    const seen = { cable: await harness.tap.packetsSince(since.cable), lo: await harness.lo.packetsSince(since.lo) };
    for (const vector of vectors) {
      const aim = aimIn(phase)(vector);
      const own = seen[vector.on ?? 'cable'].filter((packet) => isOf(packet, vector, aim, addressOf));
      found[phase].set(vector, own);
    }
  };
  const marks = async () => ({ cable: await harness.mark(), lo: await harness.lo.mark() });
  const missing = (phase: Phase): string[] =>
    [...found[phase]].filter(([, packets]) => packets.length === 0).map(([vector]) => vector.name);

  beforeAll(async () => {
    browser = await harness.launch(name);
    const began = Date.now();
    const say = (text: string) => console.log(`${((Date.now() - began) / 1000).toFixed(1)} s ${name}: ${text}`);

    const controlMarks = await marks();
    const open = (url: string) => browser.openTab(url);
    let silent: readonly Vector[] = vectors;
    for (let turn = 1; turn <= CONTROL_TURNS && silent.length > 0; turn++) {
      const closeControl = await runVectors({
        ...{
          browser,
          vectors: silent,
          aimOf: aimIn('control'),
          home: `control${turn}-${name}.test`,
          openTab: open,
          rounds: 1,
        },
      });
      say(`control ${turn} started`);
      const deadline = Date.now() + CONTROL_LIMIT_MS;
      do {
        await delay(POLL_MS);
        await collect('control', controlMarks);
      } while (missing('control').length > 0 && Date.now() < deadline);
      await closeControl();
      await delay(POLL_MS);
      await collect('control', controlMarks);
      silent = vectors.filter((vector) => found.control.get(vector)?.length === 0);
    }
    say(`control ended; silent: ${missing('control').join(', ') || 'none'}`);

    const normalHosts = vectors
      .filter(({ newHostsOnly }) => newHostsOnly !== true && phases.includes('normal'))
      .map((each) => normalHostOf(each, name));
    const urls = JSON.stringify(normalHosts.map((host) => `https://${host}/`));
    await browser.asExtension(`Promise.all(${urls}.map((url) =>
      (globalThis.browser ?? chrome).tabs.create({ url, active: false }))).then(() => 1)`);
    witnessTab = await browser.openTab(`https://${witness}/`);
    await witnessTab.evaluate(`void setInterval(() => fetch('/tick', { cache: 'no-store' }).catch(() => 0), 500)`);
    const secret = await browser.openTab('about:blank');
    await (await setPrivate(browser, secret, true)).close();
    await secret.open(`https://start.secret-${name}.test/`);
    say(`${normalHosts.length} normal tabs and a private one`);

    await namesAnnounced(harness);
    const privateMarks = await marks();
    for (const phase of phases) {
      const close = await runVectors({
        browser,
        vectors: phase === 'new' ? vectors : vectors.filter(({ newHostsOnly }) => newHostsOnly !== true),
        aimOf: aimIn(phase),
        home: `${phase}.secret-${name}.test`,
        openTab: openFrom(browser, secret),
        rounds: phase === 'new' ? 1 : 3,
      });
      await delay(SETTLE_MS);
      await close();
      say(`private, ${phase}`);
    }
    await delay(AFTER_CLOSE_MS);
    for (const phase of phases) await collect(phase, privateMarks);
    const own = new Set(phases.flatMap((phase) => [...found[phase].values()].flat()));
    // Connections of before are closed or given up at some time, which takes a last word on each (QUIC's, RFC 9000 §10, to a server that is silent);
    // so it does to give back names that WebRTC had taken.
    const before = new Set(harness.tap.packets.slice(0, privateMarks.cable.index).map(connectionOf));
    const others = (await harness.tap.packetsSince(privateMarks.cable)).filter(
      (packet) =>
        !own.has(packet) &&
        !isGoodbye(packet) &&
        !((packet.kind === 'tcp-data' || packet.kind === 'udp') && before.has(connectionOf(packet))),
    );
    strangers = texts(leaksIn(others, { hosts: [witness, ...normalHosts], system: harness.systemHosts }, []));
    const requests = await harness.server.requests(0);
    for (const vector of VECTORS.filter((_, index) => isTried(name, index))) {
      for (const phase of phases) {
        const aim = aimIn(phase)(vector);
        const arrived = requests.some(({ host, from }) => host === aim.host && from !== CABLE.client.v4);
        rows.push(rowOf(name, vector, phase, found, arrived));
      }
    }
    report({ browser: name, version: browser.version, rows, strangers });
    say('done');
  }, RUN_MS);
  afterAll(() => browser.close());

  test.each(vectors.map((vector) => [vector.name, vector] as const))(
    'without protection it leaks: %s',
    (_name, vector) => {
      expect(found.control.get(vector)).not.toEqual([]);
    },
  );
  describe.each(phases)('I1, from a private tab (%s)', (phase) => {
    const tried = vectors.filter(({ newHostsOnly }) => phase === 'new' || newHostsOnly !== true);
    const leaksOf = (vector: Vector): string[] =>
      texts(leaksIn(found[phase].get(vector) ?? [], { system: [] }, [aimIn(phase)(vector).host]));
    const closed = tried.filter(({ stillLeaks }) => stillLeaks?.[name] === undefined);
    test.each(closed.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
      expect(leaksOf(vector)).toEqual([]);
    });
    const open = tried.filter((vector) => !closed.includes(vector));
    test.each(open.map((vector) => [vector.name, vector] as const))('known to leak: %s', (_name, vector) => {
      expect(leaksOf(vector), 'it leaks no more: strike it from stillLeaks').not.toEqual([]);
    });
  });
  test('nothing else leaves the machine that no vector is known for', () => {
    expect(strangers).toEqual([]);
  });
  test('the normal tab beside it went on, and direct', async () => {
    const requests = (await harness.server.requests(0)).filter(
      ({ host, path }) => host === witness && path === '/tick',
    );
    expect(requests.length).toBeGreaterThan(10);
    expect(requests.filter(({ from }) => from !== CABLE.client.v4)).toEqual([]);
  });
});

/**
 * The names that WebRTC took without protection are announced twice, and no more than one in a second (RFC 6762 §6, §8.3): a fast machine is in the
 * private part before the last of them is said. Resolves when nothing was announced for some seconds.
 */
async function namesAnnounced({ tap }: Harness): Promise<void> {
  const deadline = Date.now() + ANNOUNCED_MS;
  const isFresh = ({ port, at }: Packet): boolean => port === MULTICAST_DNS_PORT && at > Date.now() - SILENT_MS;
  while (tap.packets.some(isFresh) && Date.now() < deadline) await delay(SILENT_MS / 10);
}

function rowOf(
  browser: Row['browser'],
  vector: Vector,
  phase: 'new' | 'normal',
  found: Record<Phase, Map<Vector, Packet[]>>,
  arrived: boolean,
): Row {
  const base = { browser, vector: vector.name, phase, packets: [] as string[], arrived };
  const reason = vector.notApplicable?.[browser];
  if (reason !== undefined) return { ...base, result: 'not applicable', why: reason };
  if (phase === 'normal' && vector.newHostsOnly) return { ...base, result: 'not applicable', why: 'only new hosts' };
  if (found.control.get(vector)?.length === 0) return { ...base, result: 'broken', why: 'no leak without protection' };
  const packets = texts(leaksIn(found[phase].get(vector) ?? [], { system: [] }, []));
  const why = vector.stillLeaks?.[browser] ?? '';
  return packets.length > 0 ? { ...base, packets, result: 'leak', why } : { ...base, result: 'pass', why: '' };
}
