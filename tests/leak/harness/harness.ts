// The leak harness, as tests use it:
//
//   const harness = await startHarness();
//   const browser = await harness.launch('chromium');          // installed as a person has it; { folder } runs a profile again
//   const mark = await harness.mark();                         // everything sent so far has been seen
//   ...                                                        // what the test does
//   expect(texts(await harness.leaksSince(mark))).toEqual([]); // the wire's word
//
// `harness.server` has the other side: DNS, relays, what sites saw (server-calls.ts). `harness.cut(true)` takes the cable out.
// `harness.lo` is a tap on the client's loopback. The test runs in the client's namespace already; scripts/leak.ts made it.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCrxKey, installPolicy, packCrx, updateManifest } from '../../../devnet/browsers/crx.ts';
import type { BrowserName, DrivenBrowser } from '../../../devnet/browsers/driven-browser.ts';
import { copyExtension } from '../../../devnet/browsers/extension-copy.ts';
import { launchBrowser } from '../../../devnet/browsers/launch.ts';
import { builtExtension } from '../../../devnet/extension-build.ts';
import { ENTRY_ADDRESSES, PORTS, UPDATE_HOST, UPDATE_PORT } from '../../../devnet/laboratory/plan.ts';
import { createLifeline } from '../../../devnet/lifeline.ts';
import { leakOptions } from './options.ts';
import { connectionOf, isGoodbye } from './packets.ts';
import { startServer, type Server } from './server-calls.ts';
import { SYSTEM_HOSTS } from './system-hosts.ts';
import { startTap, type Mark, type Tap } from './tap.ts';
import { leaksIn, type Leak } from './verdict.ts';

const run = promisify(execFile);
const POLICY_FILE = '/etc/chromium/policies/managed/conet.json';
/** What goes to an entry's port is what is wanted, and most of the traffic: the tap need not carry it. */
const NOT_TO_ENTRIES = `not (tcp and dst port ${PORTS.tunnels} and (${ENTRY_ADDRESSES.map((each) => `dst host ${each}`).join(' or ')}))`;

/** Nobody is paid, but the relays say what they are on this network. */
export const PAYMENTS = { network: 'devnet', rpcs: [] };

export type HarnessBrowser = DrivenBrowser & {
  /** Home and profile; `launch(name, { folder })` starts the same browser again. */
  readonly folder: string;
};

export type Harness = {
  server: Server;
  /** On the cable. */
  tap: Tap;
  /** On the client's loopback. */
  lo: Tap;
  launch(name: BrowserName, options?: { folder?: string }): Promise<HarnessBrowser>;
  /** Hosts of the browsers' makers, which the verdict overlooks. */
  systemHosts: readonly string[];
  mark(): Promise<Mark>;
  /**
   * @param allow `hosts`: those that normal tabs are on and may send to
   * @param known hosts by which packets are told
   */
  leaksSince(mark: Mark, allow?: { hosts?: readonly string[] }, known?: Iterable<string>): Promise<Leak[]>;
  /**
   * The same without what tabs of before still have to say: last words on connections that were there at the mark, and names taken back. A
   * request that goes out on such a connection is seen by its site alone (`server.requests`).
   */
  newLeaksSince: Harness['leaksSince'];
  /** Takes the cable out of the client, and puts it in again. */
  cut(out: boolean): Promise<void>;
  /** Puts another version of the extension on the update server (Chromium). */
  publish(version: string): Promise<void>;
  close(): Promise<void>;
};

/** @param init `exitProgram`: what runs in the place of every exit's daemon */
export async function startHarness(init: { exitProgram?: string } = {}): Promise<Harness> {
  const { serverNamespace, folder: root } = leakOptions();
  const lifeline = createLifeline();
  const folder = await mkdtemp(join(root, 'harness-'));
  const server = await startServer(serverNamespace, folder, init.exitProgram);
  const { caFile, records, updates } = server.facts;
  const tap = await startTap('veth', NOT_TO_ENTRIES);
  const lo = await startTap('lo', 'ip or ip6');
  const crx = createCrxKey();
  const browsers = new Set<DrivenBrowser>();
  const updateUrl = `http://${UPDATE_HOST}:${UPDATE_PORT}`;
  const systemHosts = Object.values(SYSTEM_HOSTS).flatMap((hosts) => hosts.map(({ host }) => host));
  let launches = 0;

  const publish = async (extension: string, version: string): Promise<void> => {
    await packCrx(extension, join(updates, `conet-${version}.crx`), crx);
    const manifest = updateManifest(crx.id, version, `${updateUrl}/conet-${version}.crx`);
    await writeFile(join(updates, 'updates.xml'), manifest);
  };

  const prepared = new Map<BrowserName, Promise<string>>();
  const prepare = async (name: BrowserName): Promise<string> => {
    const extension = await copyExtension(
      await builtExtension(name),
      join(folder, `extension-${name}`),
      records,
      PAYMENTS,
    );
    if (name === 'chromium') {
      // As a store does: without it the browser never looks for a newer version by itself.
      await changeManifest(extension, { update_url: `${updateUrl}/updates.xml` });
      await publish(extension, (await readManifest(extension)).version);
      await writeFile(POLICY_FILE, installPolicy(crx.id, `${updateUrl}/updates.xml`));
    }
    return extension;
  };
  const extensionOf = (name: BrowserName): Promise<string> => {
    const known = prepared.get(name) ?? prepare(name);
    prepared.set(name, known);
    return known;
  };

  return {
    server,
    tap,
    lo,
    launch: async (name, options = {}) => {
      const own = options.folder ?? join(folder, `${name}-${++launches}`);
      await mkdir(own, { recursive: true });
      const browser = await launchBrowser(name, {
        folder: own,
        extension: await extensionOf(name),
        caFile,
        headless: true,
        asInstalled: { extensionId: crx.id },
        onPid: (pid) => lifeline.holdPid(pid),
      });
      browsers.add(browser);
      void browser.closed.then(() => browsers.delete(browser));
      return { ...browser, folder: own };
    },
    systemHosts,
    mark: () => tap.mark(),
    leaksSince: async (mark, allow = {}, known = []) => {
      return leaksIn(await tap.packetsSince(mark), { ...allow, system: systemHosts }, known);
    },
    newLeaksSince: async (mark, allow = {}, known = []) => {
      const before = new Set(tap.packets.slice(0, mark.index).map(connectionOf));
      const packets = (await tap.packetsSince(mark)).filter(
        (packet) => !isGoodbye(packet) && !(packet.kind === 'tcp-data' && before.has(connectionOf(packet))),
      );
      return leaksIn(packets, { ...allow, system: systemHosts }, known);
    },
    cut: async (out) => {
      // The server's end: the client keeps its addresses and routes, as with a router that lost its line.
      await run('ip', ['netns', 'exec', serverNamespace, 'ip', 'link', 'set', 'veth', out ? 'down' : 'up']);
    },
    publish: async (version) => {
      const extension = await extensionOf('chromium');
      const next = await copyExtension(extension, join(folder, `extension-${version}`), records, PAYMENTS);
      await changeManifest(next, { version });
      await publish(next, version);
    },
    close: async () => {
      await Promise.all([...browsers].map((browser) => browser.close()));
      const drops = await Promise.all([tap.close(), lo.close()]);
      await server.close();
      await lifeline.close();
      if (drops.some((dropped) => dropped !== 0)) throw new Error(`the taps missed packets: ${drops.join(', ')}`);
    },
  };
}

export function texts(leaks: readonly Leak[]): string[] {
  return [...new Set(leaks.map(({ text }) => text))];
}

async function changeManifest(folder: string, fields: Record<string, string>): Promise<void> {
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...(await readManifest(folder)), ...fields }));
}

async function readManifest(folder: string): Promise<{ version: string }> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as { version: string };
}
