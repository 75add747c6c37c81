// What the worker has to know of a page from its URL alone.

/** Pages of the browser that hold nothing: a tab on one may become private, and there is nothing to reload. */
const BLANK_PAGES = new Set([
  '',
  'about:blank',
  'about:newtab',
  'about:home',
  'about:privatebrowsing',
  'chrome://newtab/',
  'chrome://new-tab-page/',
]);

/** The host of a web page as routing writes it; undefined for every other URL. */
export function webHost(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  return ['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && hostname !== '' ? hostname : undefined;
}

export function isBlankPage(url: string | undefined): boolean {
  return url === undefined || BLANK_PAGES.has(url);
}

/** Web pages and blank ones. The browser's own pages and those of extensions do not follow the proxy of a tab, so they cannot. */
export function canBePrivate(url: string | undefined): boolean {
  return isBlankPage(url) || webHost(url) !== undefined;
}
