// The keyboard shortcut of the manifest. Must be called in the first tick.

import { browser } from './browser.ts';

export function listenToCommands(toggleActive: () => void): void {
  browser.commands.onCommand.addListener((command) => {
    if (command === 'toggle-private') toggleActive();
  });
}
