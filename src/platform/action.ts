// The extension's button: icon, badge and title of each tab. The browser drops them when the tab's page changes.

import type { Badge } from '../ports/host.ts';
import { browser } from './browser.ts';

const SIZES = [16, 32, 48];

export const badge: Badge = {
  show: async (tabId, { icon, text, color, title }) => {
    const path = Object.fromEntries(SIZES.map((size) => [size, `/icons/${icon}-${size}.png`]));
    const { action } = browser;
    // The tab may be gone by now; there is nothing to draw on then.
    await Promise.allSettled([
      action.setBadgeBackgroundColor({ tabId, color }),
      action.setBadgeText({ tabId, text }),
      action.setTitle({ tabId, title }),
      action.setIcon({ tabId, path }),
    ]);
  },
};
