// "What is stored here": every cell of THE TABLE with what it is, in words. A cell without words does not compile. Pure; background/stored.ts adds the sizes.

import type { MessageKey } from '../text/text.ts';
import type { Cell } from './cell.ts';
import * as table from './cells.ts';

export type CellName = Extract<keyof typeof table, `${string}Cell`>;

/** `bytes`: of its JSON text, 0 where nothing is stored. `about`: what it is. */
export type StoredItem = {
  key: string;
  about: MessageKey;
  area: Cell<unknown>['area'];
  secret: boolean;
  bytes: number;
};

const ABOUT: Record<CellName, MessageKey> = {
  relaysCell: 'settings_cell_relays',
  guardsCell: 'settings_cell_guards',
  wishesCell: 'settings_cell_wishes',
  directoryCell: 'settings_cell_directory',
  beginPlacesCell: 'settings_cell_begin_places',
  directoryAskedCell: 'settings_cell_directory_asked',
  relayFaultsCell: 'settings_cell_relay_faults',
  askedHostsCell: 'settings_cell_asked_hosts',
  privateAtLastCell: 'settings_cell_private_at_last',
  tabsCell: 'settings_cell_tabs',
  circuitCell: 'settings_cell_circuit',
  circuitPastCell: 'settings_cell_circuit_past',
  siteExitsCell: 'settings_cell_site_exits',
  isolationCell: 'settings_cell_isolation',
  heldCell: 'settings_cell_held',
  incognitoCell: 'settings_cell_incognito',
  containersCell: 'settings_cell_containers',
  toleratedCell: 'settings_cell_tolerated',
  updateWaitingCell: 'settings_cell_update_waiting',
  vaultCell: 'settings_cell_vault',
  vaultBackupCell: 'settings_cell_vault_backup',
  attemptsCell: 'settings_cell_attempts',
  openWalletCell: 'settings_cell_open_wallet',
  sessionKeysCell: 'settings_cell_session_keys',
  peerSeedCell: 'settings_cell_peer_seed',
  paymentsCell: 'settings_cell_payments',
  trafficCell: 'settings_cell_traffic',
  trafficDayCell: 'settings_cell_traffic_day',
  siteTroublesCell: 'settings_cell_site_troubles',
  noticedCell: 'settings_cell_noticed',
  settingsCell: 'settings_cell_settings',
  firstRunCell: 'settings_cell_first_run',
  wipeCell: 'settings_cell_wipe',
  logCell: 'settings_cell_log',
  siteRulesCell: 'settings_cell_site_rules',
  siteRulesCopyCell: 'settings_cell_site_rules_copy',
  exitChoicesCell: 'settings_cell_exit_choices',
  favouriteExitsCell: 'settings_cell_favourite_exits',
  dayTotalsCell: 'settings_cell_day_totals',
  costsCell: 'settings_cell_costs',
};

export const STORED = (Object.entries(ABOUT) as [CellName, MessageKey][]).map(([name, about]) => ({
  cell: table[name],
  about,
}));

/**
 * What a wallet is: money is lost without it. The session's key with it, or the person would be asked for the password in the middle of a deposit; and
 * the book of channels, without which a paid one is found again only by the chain.
 */
export const WALLET_CELLS: readonly Cell<unknown>[] = [
  table.vaultCell,
  table.vaultBackupCell,
  table.attemptsCell,
  table.sessionKeysCell,
  table.paymentsCell,
] as readonly Cell<unknown>[];
