// A network and a browser on it: what `npm start` and the end-to-end tests both stand on.

import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { RelayRecord } from '../src/core/directory/relay-record.ts';
import type { BrowserName, DrivenBrowser, LaunchInit } from './browsers/driven-browser.ts';
import { copyExtension } from './browsers/extension-copy.ts';
import { launchBrowser } from './browsers/launch.ts';
import { builtExtension } from './extension-build.ts';
import type { Network } from './network.ts';

/** Starts `name` with the built extension, in a fresh profile inside the network's throw-away folder. */
export async function startBrowser(
  name: BrowserName,
  network: Network,
  {
    headless,
    records = network.records,
    rpcs = network.rpcs,
    ...more
  }: Pick<LaunchInit, 'headless' | 'firstRun' | 'allowIncognito' | 'neighbours' | 'args' | 'prefs' | 'executable'> & {
    /** The packaged list of relays. Left out: all of the network. */
    records?: readonly RelayRecord[];
    /** Servers of the chain. Left out: those of the network. */
    rpcs?: readonly string[];
  },
): Promise<DrivenBrowser> {
  const built = await builtExtension(name);
  const folder = await mkdtemp(join(network.folder, `${name}-`));
  const payments = { network: 'devnet', rpcs };
  const extension = await copyExtension(built, join(folder, 'extension'), records, payments);
  const { caFile, dohUrl, lifeline } = network;
  let pid: number | undefined;
  const browser = await launchBrowser(name, {
    folder,
    extension,
    caFile,
    dohUrl,
    headless,
    ...more,
    onPid: (started) => {
      pid = started;
      lifeline.holdPid(started);
    },
  });
  void browser.closed.then(() => {
    if (pid !== undefined) lifeline.dropPid(pid);
  });
  return browser;
}
