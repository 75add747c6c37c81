// The keyboard shortcuts of the manifest. Must be called in the first tick.

import { browser } from './browser.ts';

export type Commands = {
  toggleActive: () => void;
  newIdentityActive: () => void;
  openPrivate: (how: { url: undefined; beside: number | undefined; container: false }) => void;
};

export function listenToCommands({ toggleActive, newIdentityActive, openPrivate }: Commands): void {
  browser.commands.onCommand.addListener((command, tab) => {
    if (command === 'toggle-private') toggleActive();
    if (command === 'new-identity') newIdentityActive();
    if (command === 'new-private-tab') openPrivate({ url: undefined, beside: tab?.id, container: false });
  });
}
