// A newer version of the extension, offered as the browser gets one: in Chromium from the update server, in Firefox as an XPI.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyExtension, geckoId, packXpi } from '../../../devnet/browsers/extension-copy.ts';
import { builtExtension } from '../../../devnet/extension-build.ts';
import { PAYMENTS } from '../harness/harness.ts';
import type { Session } from './session.ts';

const ADDONS = `const { AddonManager } = ChromeUtils.importESModule('resource://gre/modules/AddonManager.sys.mjs');`;

let offered = 0;

/** Asked of the browser: the extension's own pages go away when it is updated. */
export async function installedVersion(session: Session): Promise<string> {
  const own = await idOf(session);
  const ask =
    session.name === 'chromium'
      ? `chrome.management.get('${own}').then(({ version }) => version)`
      : `(async () => { ${ADDONS} return (await AddonManager.getAddonByID('${own}')).version; })()`;
  return String(await session.asBrowser(ask));
}

export async function offerUpdate(session: Session): Promise<void> {
  const { version: own } = JSON.parse(
    await readFile(join(await builtExtension(session.name), 'manifest.json'), 'utf8'),
  ) as {
    version: string;
  };
  const version = `${own.split('.').slice(0, 2).join('.')}.${++offered}`;
  if (session.name === 'chromium') {
    await session.harness.publish(version);
    await session.browser.asExtension('chrome.runtime.requestUpdateCheck().then(({ status }) => status)');
    return;
  }
  const { folder } = session.browser;
  const next = join(folder, `extension-${version}`);
  await copyExtension(await builtExtension('firefox'), next, session.harness.server.facts.records, PAYMENTS);
  const manifest = JSON.parse(await readFile(join(next, 'manifest.json'), 'utf8')) as Record<string, unknown>;
  await writeFile(join(next, 'manifest.json'), JSON.stringify({ ...manifest, version }));
  const xpi = join(folder, `extension-${version}.xpi`);
  await packXpi(next, xpi);
  await session.asBrowser(`(async () => {
    ${ADDONS}
    const file = Cc['@mozilla.org/file/local;1'].createInstance(Ci.nsIFile);
    file.initWithPath(${JSON.stringify(xpi)});
    const install = await AddonManager.getInstallForFile(file);
    // Settles only when the extension lets it: that is what is tried.
    install.install().catch(() => undefined);
    return true;
  })()`);
}

const ids = new WeakMap<Session, Promise<string>>();

function idOf(session: Session): Promise<string> {
  const known = ids.get(session) ?? findId(session);
  ids.set(session, known);
  return known;
}

async function findId(session: Session): Promise<string> {
  return session.name === 'chromium'
    ? String(await session.browser.asExtension('chrome.runtime.id'))
    : geckoId(await builtExtension('firefox'));
}
