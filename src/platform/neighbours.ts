// Other extensions of this browser: their names, for a conflict that should name the one in the way, and in Chrome those that could take the
// proxy. Chrome's manifest asks for the permission `management` at installation (docs/decisions/0023), Firefox's when the popup says why: the
// level of control alone tells only that another extension holds a setting.

import type { Neighbour } from '../core/state/neighbour.ts';
import type { Neighbours } from '../ports/host.ts';
import { browser } from './browser.ts';

const PERMISSION = { permissions: ['management' as const] };

export type NeighbourPermission = Parameters<Neighbours['withPermission']>[0];

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
    withPermission: async (permission) =>
      (await browser.permissions.contains(PERMISSION)) ? holdersOf(permission) : undefined,
    turnOff: (id) => browser.management.setEnabled(id, false),
  };
}

/** Enabled extensions but this one that hold the permission, by name. Rejects where they may not be read. */
export async function holdersOf(permission: NeighbourPermission): Promise<Neighbour[]> {
  const all = await browser.management.getAll();
  return all
    .filter((each) => each.enabled && isHolder(each, permission))
    .map(({ id, name }) => ({ id, name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Described = { id: string; type: string; permissions?: string[] | undefined };

function isHolder({ id, type, permissions }: Described, permission: NeighbourPermission): boolean {
  return type === 'extension' && id !== browser.runtime.id && permissions?.includes(permission) === true;
}

/** Tells when another extension that holds the permission comes, or may have gone. Call in the first tick. */
export function watchHolders(
  permission: NeighbourPermission,
  { came, gone }: { came: (neighbour: Neighbour) => void; gone: () => void },
): void {
  const { onInstalled, onEnabled, onDisabled, onUninstalled } = browser.management;
  const onCame = (each: Described & Neighbour): void => {
    if (isHolder(each, permission)) came({ id: each.id, name: each.name });
  };
  onInstalled.addListener(onCame);
  onEnabled.addListener(onCame);
  onDisabled.addListener(gone);
  onUninstalled.addListener(gone);
}
