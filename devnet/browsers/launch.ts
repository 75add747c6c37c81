// Picks the browser by its name.

import { launchChromium } from './chromium.ts';
import type { BrowserName, DrivenBrowser, LaunchInit } from './driven-browser.ts';
import { launchFirefox } from './firefox.ts';

export function launchBrowser(name: BrowserName, init: LaunchInit): Promise<DrivenBrowser> {
  switch (name) {
    case 'chromium':
      return launchChromium(init);
    case 'firefox':
      return launchFirefox(init);
  }
}
