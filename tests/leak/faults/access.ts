// What a person may take from an installed extension at any time: in Firefox the right to the data of all sites, without which no listener
// of the extension hears of a request. "Run in Private Windows" is no such switch: turning it ends the extension and starts it anew.
// Chromium keeps its switch for site access from extensions that came by policy, as here.

import type { SessionParts } from './parts.ts';

const FIREFOX_ID = 'private-browsing@conet.network';

export async function setAccess(session: SessionParts, allowed: boolean): Promise<void> {
  await session.asBrowser(`(async () => {
    const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
    const { extension } = WebExtensionPolicy.getByID('${FIREFOX_ID}');
    const rights = { permissions: [], origins: ['<all_urls>'], data_collection: [] };
    await ExtensionPermissions.${allowed ? 'add' : 'remove'}('${FIREFOX_ID}', rights, extension);
    return true;
  })()`);
}
