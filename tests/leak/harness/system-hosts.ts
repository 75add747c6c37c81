// Hosts of the browsers' makers that a browser asks by itself, whatever its tabs do. Nothing else may be in this list: it is what the
// verdict overlooks. The product sends these direct, unless a private tab itself uses one.

import type { BrowserName } from '../../../devnet/browsers/driven-browser.ts';

export type SystemHost = { host: string; what: string };

export const SYSTEM_HOSTS: Record<BrowserName, readonly SystemHost[]> = {
  chromium: [
    { host: 'accounts.google.com', what: 'whether the profile is signed in' },
    { host: 'clients2.google.com', what: 'updates of extensions' },
    { host: 'update.googleapis.com', what: 'updates of components' },
    { host: 'redirector.gvt1.com', what: 'where components are loaded from' },
    { host: 'safebrowsing.googleapis.com', what: 'lists of dangerous sites' },
    {
      host: 'optimizationguide-pa.googleapis.com',
      what: 'models for the whole browser, asked for outside of every profile, where no proxy of an extension applies',
    },
    { host: 'start.duckduckgo.com', what: 'start page that Debian sets' },
  ],
  firefox: [
    { host: 'firefox.settings.services.mozilla.com', what: 'remote settings' },
    { host: 'firefox-settings-attachments.cdn.mozilla.net', what: 'files of remote settings' },
    { host: 'push.services.mozilla.com', what: 'push messages' },
    { host: 'detectportal.firefox.com', what: 'whether a hotel asks for a password first' },
    { host: 'location.services.mozilla.com', what: 'country, for the search engines' },
    { host: 'normandy.cdn.mozilla.net', what: 'studies and experiments' },
    { host: 'incoming.telemetry.mozilla.org', what: 'telemetry' },
    { host: 'addons.mozilla.org', what: 'updates of add-ons' },
    { host: 'firefox-settings.mozilla-backup.org', what: 'remote settings, when their own host cannot be reached' },
    { host: 'safebrowsing.googleapis.com', what: 'lists of dangerous sites' },
    { host: 'cloudflare-dns.com', what: 'whether DNS over HTTPS can be had' },
    { host: 'aus5.mozilla.org', what: 'updates of the browser' },
    { host: 'aus5.mozilla-backup.org', what: 'the same, when their own host cannot be reached' },
    { host: 'example.org', what: 'whether names resolve, when the network changed (nsINetworkConnectivityService)' },
    { host: 'ipv4only.arpa', what: 'whether the network translates addresses (RFC 7050), at the same time' },
    { host: 'ads.mozilla.org', what: 'tiles of the new tab page' },
    {
      host: 'sb-ssl.google.com',
      what: 'safe browsing: whether a downloaded file is known, once for each kind that can harm',
    },
  ],
};
