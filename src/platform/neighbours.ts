// Names of other extensions, for a conflict that should name the one in the way. Needs the optional permission `management`, which the popup
// asks for with its reason: the level of control alone says only that another one holds the setting.

import type { Neighbours } from '../ports/host.ts';
import { browser } from './browser.ts';

const PERMISSION = { permissions: ['management' as const] };

/** Call in the first tick. */
export function createNeighbours(): Neighbours {
  let tell = (): void => undefined;
  browser.permissions.onAdded.addListener(({ permissions }) => {
    if (permissions?.includes('management') === true) tell();
  });
  return {
    onAllowed: (listener) => {
      tell = listener;
    },
    withPermission: async (permission) => {
      if (!(await browser.permissions.contains(PERMISSION))) return undefined;
      const all = await browser.management.getAll();
      const holders = all.filter(
        ({ id, enabled, type, permissions }) =>
          enabled && type === 'extension' && id !== browser.runtime.id && permissions?.includes(permission) === true,
      );
      return holders.map(({ name }) => name).sort();
    },
  };
}
