// Where the extension's own pages are, inside the extension. None is web accessible: no page of the web can open or embed them.

export const POPUP_PAGE = 'popup/index.html';

/** The popup's views at full width, and the first run. */
export const OPTIONS_PAGE = 'popup/options.html';

/** "Is it working?" */
export const CHECK_PAGE = 'pages/check/index.html';

/** Reads the QR code of a relay's address. */
export const SCAN_PAGE = 'pages/scan/index.html';

/** Shown in a private tab in the place of a page that has to wait (background/holding.ts). */
export const HELD_PAGE = 'pages/held/index.html';
