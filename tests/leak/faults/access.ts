// What a person may take from an installed extension, where the browser keeps that switch: in Chromium "Site access: on click", in Firefox
// the right to the data of all sites. Firefox's "Run in Private Windows" is no such switch: turning it ends the extension and starts it anew.

import type { Session } from './session.ts';

const FIREFOX_ID = 'private-browsing@conet.network';

export async function setAccess(session: Session, allowed: boolean): Promise<void> {
  if (session.name === 'chromium') {
    const id = String(await session.browser.asExtension('chrome.runtime.id'));
    const hostAccess = allowed ? 'ON_ALL_SITES' : 'ON_CLICK';
    await session.asBrowser(
      `chrome.developerPrivate.updateExtensionConfiguration({ extensionId: '${id}', hostAccess: '${hostAccess}' })`,
    );
    return;
  }
  await session.asBrowser(`(async () => {
    const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
    const { extension } = WebExtensionPolicy.getByID('${FIREFOX_ID}');
    await ExtensionPermissions.${allowed ? 'add' : 'remove'}('${FIREFOX_ID}', { permissions: [], origins: ['<all_urls>'], data_collection: [] }, extension);
    return true;
  })()`);
}
