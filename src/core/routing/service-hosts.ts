// Hosts that the browser itself talks to for its maker's services: sign-in, updates, safe browsing. They know the person already, and asking them
// through an exit would tie the person to it. They go direct like hosts of normal tabs, and are closed to private tabs in the same way.

/**
 * Whole names, never a maker's domain: what is below them goes with them, what is beside them does not. Left out on purpose are services
 * that tell what page is being looked at (`content-autofill.googleapis.com`, `optimizationguide-pa.googleapis.com`, translation, captive portal
 * probes): those follow the page.
 */
export const SERVICE_HOSTS: readonly string[] = [
  // Chrome and Chromium: account of the profile.
  'accounts.google.com',
  // Chrome and Chromium: updates of components and extensions, and where their packages lie.
  'clients2.google.com',
  'clients2.googleusercontent.com',
  'update.googleapis.com',
  'edgedl.me.gvt1.com',
  // Chrome and Chromium: experiments and settings of the browser.
  'clientservices.googleapis.com',
  // Both: safe browsing. Lists, and prefixes of hashes of which the service cannot tell the page.
  'safebrowsing.googleapis.com',
  'sb-ssl.google.com',
  // Firefox: updates of the browser, its lists, and add-ons.
  'aus5.mozilla.org',
  'firefox.settings.services.mozilla.com',
  'content-signature-2.cdn.mozilla.net',
  'firefox-settings-attachments.cdn.mozilla.net',
  'versioncheck.addons.mozilla.org',
  'versioncheck-bg.addons.mozilla.org',
  'services.addons.mozilla.org',
  'shavar.services.mozilla.com',
  // Firefox: account, synchronisation, push.
  'api.accounts.firefox.com',
  'token.services.mozilla.com',
  'push.services.mozilla.com',
];
