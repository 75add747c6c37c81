// A laboratory for the steering: a real browser, the real adapter in an extension of its own, and an internet on loopback where each
// request shows which way it came. Used by the contract tests of the Steering port, once per browser.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import { launchBrowser } from '../../devnet/browsers/launch.ts';
import { createCertificateAuthority } from '../../devnet/ca.ts';
import { answerMessage } from '../../devnet/zone-answers.ts';
import { DOH_PATH, startDoh } from '../../devnet/zone-doh.ts';
import type { CircuitProxy, RoutingPolicy } from '../../src/core/routing/policy.ts';
import { buildLabExtension } from './steering-lab-build.ts';
import {
  freePort,
  PROXY_ADDRESS,
  SITE_ADDRESS,
  startPlainSite,
  startProxy,
  startSite,
  type LabProxy,
  type Site,
} from './steering-lab-servers.ts';
import type { LabCall, LabReply } from './steering-lab-worker.ts';

const DNS_ADDRESS = '127.0.1.53';
const EXIT_PEER = 'k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8';
const ENTRY_PEER = 'k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r';
const ZONE = 'zone.test';
export const RELAY_HOST = `127-0-2-60.${ENTRY_PEER}.${ZONE}`;
/** Another name in the zone: the site too, as far as DNS goes. */
export const OTHER_RELAY_HOST = `127-0-2-60.${EXIT_PEER}.${ZONE}`;

const SITES = 'sites.test';
export const PRIVATE_HOST = `private.${SITES}`;
export const NORMAL_HOST = `normal.${SITES}`;
export const OTHER_HOST = `other.${SITES}`;
const HOSTS = [PRIVATE_HOST, NORMAL_HOST, `cdn.${NORMAL_HOST}`, OTHER_HOST, `my${NORMAL_HOST}`];

/** What a site sees. */
export const DIRECT = '127.0.0.1';
export const CIRCUIT = PROXY_ADDRESS;

export type Lab = {
  browser: DrivenBrowser;
  site: Site;
  local: Site;
  proxy: LabProxy;
  /** Names that the browser resolved. */
  resolved: string[];
  circuit: CircuitProxy;
  policy(change?: Partial<RoutingPolicy>): RoutingPolicy;
  /** Sends a verb to the extension's background. */
  call(message: LabCall): Promise<LabReply>;
  apply(change?: Partial<RoutingPolicy>): Promise<LabReply>;
  url(host: string, path?: string): string;
  localUrl: string;
  /** Address that the site saw when the tab fetched from `host`, or `failed`. */
  seen(tab: DrivenTab, host: string): Promise<string>;
  close(): Promise<void>;
};

export async function startLab(name: BrowserName): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'conet-lab-'));
  const undo: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  const close = async () => {
    for (const step of undo.reverse()) await step();
  };
  try {
    return { ...(await start(name, folder, undo)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(name: BrowserName, folder: string, undo: (() => unknown)[]): Promise<Omit<Lab, 'close'>> {
  const ca = await createCertificateAuthority();
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, ca.certificate);
  const dns = (value: string) => ({ type: 'dns' as const, value });
  const siteLeaf = await ca.issue([...HOSTS, `*.${ENTRY_PEER}.${ZONE}`, `*.${EXIT_PEER}.${ZONE}`].map(dns));
  const site = await startSite(siteLeaf);
  const local = await startPlainSite('127.0.2.61');
  const proxy = await startProxy(await ca.issue([dns(`*.${EXIT_PEER}.${ZONE}`)]), site.port);
  const resolved: string[] = [];
  const data = { zones: [ZONE], sites: { domain: SITES, hosts: new Map(HOSTS.map((host) => [host, SITE_ADDRESS])) } };
  const dohPort = await freePort(DNS_ADDRESS);
  const dohLeaf = await ca.issue([{ type: 'ip', value: DNS_ADDRESS }]);
  const closeDoh = await startDoh(DNS_ADDRESS, dohPort, dohLeaf, (message) =>
    answerMessage(data, message, (question) => resolved.push(question.name)),
  );
  undo.push(site.close, local.close, proxy.close, closeDoh);
  const browser = await launchBrowser(name, {
    folder,
    extension: await buildLabExtension(name, join(folder, 'extension')),
    caFile,
    dohUrl: `https://${DNS_ADDRESS}:${dohPort}${DOH_PATH}`,
    headless: true,
    onPid: () => undefined,
  });
  undo.push(() => browser.close());

  const circuit = { host: `127-0-1-60.${EXIT_PEER}.${ZONE}`, port: proxy.port };
  const policy = (change: Partial<RoutingPolicy> = {}): RoutingPolicy => ({
    active: true,
    byTab: true,
    incognitoWholly: false,
    incognitoTabs: [],
    incognitoHosts: [],
    containers: [],
    privateTabs: [],
    normalTabs: [],
    privateHosts: [PRIVATE_HOST],
    normalHosts: [NORMAL_HOST],
    circuits: [circuit],
    sites: undefined,
    checked: [circuit],
    identity: 0,
    relayHosts: [RELAY_HOST],
    relayZones: [ZONE],
    siteRules: [],
    rulesAside: [],
    tolerated: [],
    directUntil: Date.now() + 600_000,
    ...change,
  });
  const call = async (message: LabCall): Promise<LabReply> => {
    const send = `(globalThis.browser ?? chrome).runtime.sendMessage(${JSON.stringify(message)}).then(JSON.stringify)`;
    return JSON.parse(String(await browser.asExtension(send))) as LabReply;
  };
  const url = (host: string, path = '/') => `https://${host}:${site.port}${path}`;
  return {
    browser,
    site,
    local,
    proxy,
    resolved,
    circuit,
    policy,
    call,
    apply: (change) => call({ call: 'apply', policy: policy(change) }),
    url,
    localUrl: `http://127.0.2.61:${local.port}/`,
    seen: async (tab, host) =>
      String(
        await tab.evaluate(
          `fetch(${JSON.stringify(url(host, '/who'))}, { cache: 'no-store' }).then((reply) => reply.text(), () => 'failed')`,
        ),
      ),
  };
}
