// THE TABLE of everything that the extension stores. What is not here is not stored.
// `local` outlives the browser, `session` outlives the worker: it is memory, and empty after a restart of browser or extension.
// A damaged cell reads as its `damaged` value, which is the safe one: unknown means block.

import { NO_COSTS, parseCosts, type Costs } from '../activity/costs.ts';
import { DAYS_NOT_KEPT, encodeDayTotals, NO_DAYS, parseDayTotals, type DayTotals } from '../activity/day-totals.ts';
import { CIRCUIT_OFF, type CircuitState } from '../circuit/circuit-state.ts';
import { NO_PAST, parseCircuitPast, type CircuitPast } from '../circuit/circuit-past.ts';
import { parseCircuitState } from '../circuit/circuit-parse.ts';
import { parseSiteExits, type SiteExits } from '../circuit/site-exits.ts';
import { NO_EXIT_CHOICES, parseExitChoices, parseFavourites, type ExitChoices } from '../circuit/exit-choice.ts';
import { NO_GUARDS, parseGuardSet, type GuardSet } from '../circuit/guard-set.ts';
import { NO_WISHES, parseRelayWishes, type RelayWishes } from '../circuit/relay-wishes.ts';
import { NO_BEGIN_PLACES, parseBeginPlaces, type BeginPlaces } from '../directory/begin-places.ts';
import { parseRelayRecords, type RelayRecord } from '../directory/relay-record.ts';
import { parseRelayFaults, type RelayFaults } from '../directory/relay-faults.ts';
import { NO_STORED_DIRECTORY, parseStoredDirectory, type StoredDirectory } from '../directory/stored-directory.ts';
import { NOTHING_NOTICED, parseNoticed, type Noticed } from './notices.ts';
import { parseNeighbourIds } from './neighbour.ts';
import { NO_TROUBLES, parseSiteTroubles, type SiteTroubles } from './site-trouble.ts';
import { NO_HELD_PAGES, parseHeldPages, type HeldPages } from './held.ts';
import { encodePaymentBook, parsePaymentBook } from '../session/parse-payment-book.ts';
import { DAMAGED_BOOK, EMPTY_BOOK, type PaymentBook } from '../session/payment-book.ts';
import type { SiteRule } from '../routing/site-rule.ts';
import type { Cell } from './cell.ts';
import { logCell } from './debug-log.ts';
import { firstRunCell } from './first-run.ts';
import { settingsCell } from './settings.ts';
import { wipeCell } from './wipe.ts';
import { asBoolean, asNumber, asObject, asText, asTexts } from './parse.ts';
import { parseSiteRules } from './site-rules.ts';
import { tabsCell } from './tab-records.ts';
import {
  NO_TRAFFIC_DAY,
  parseTraffic,
  parseTrafficDay,
  type StoredTraffic,
  type TrafficDay,
} from '../traffic/parse-traffic.ts';
import { NO_ATTEMPTS, parseAttempts, UNKNOWN_ATTEMPTS, type Attempts } from '../wallet/attempts.ts';
import { asHex } from '../wallet/hex.ts';
import { parseOpenWallet, type OpenWallet } from '../wallet/open-wallet.ts';
import { NO_SESSION_KEYS, parseSessionKeys, type SessionKeys } from '../wallet/session-keys.ts';

/** Which relays there are. Undefined: never filled; the packaged list seeds it (background/relays.json). */
export const relaysCell: Cell<readonly RelayRecord[] | undefined> = {
  key: 'relays',
  area: 'local',
  version: 2,
  secret: false,
  inPopup: false,
  parse: parseRelayRecords,
  missing: undefined,
  // Not the packaged list: whoever filled the cell meant another one.
  damaged: [],
};

/**
 * The entries that this client stays with for months (src/core/circuit/guard-set.ts). A lost set is drawn anew, which meets more relays than staying would, and is still
 * better than none.
 */
export const guardsCell: Cell<GuardSet> = {
  key: 'guards',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: false,
  parse: parseGuardSet,
  missing: NO_GUARDS,
  damaged: NO_GUARDS,
};

/** What the person wishes of relays: regions, a price, whom to avoid. */
export const wishesCell: Cell<RelayWishes | 'lost'> = {
  key: 'relay-wishes',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseRelayWishes,
  missing: NO_WISHES,
  // Not none: a circuit through whom they wanted to avoid would be built, and nobody would know. There is no circuit until they have said it again.
  damaged: 'lost',
};

/** Sites that are always private, or never, as the person said: hosts, which they asked to be kept. It is written twice, and the copy serves where this is damaged. */
export const siteRulesCell: Cell<readonly SiteRule[] | 'lost'> = {
  key: 'site-rules',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseSiteRules,
  missing: [],
  // Not none: where the copy is lost too the person is told, since sites that they wanted private are opened directly then (docs/decisions/0049).
  damaged: 'lost',
};

export const siteRulesCopyCell: Cell<readonly SiteRule[] | 'lost'> = { ...siteRulesCell, key: 'site-rules-copy' };

/** What is known of relays, all of them opened: large, and read by the directory's own job alone (background/directory). */
export const directoryCell: Cell<StoredDirectory> = {
  key: 'directory',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: false,
  parse: parseStoredDirectory,
  missing: NO_STORED_DIRECTORY,
  damaged: NO_STORED_DIRECTORY,
};

/** Places to begin that the person named: addresses, names, a resolver. One that is lost is asked no more, and nothing else of theirs depends on it. */
export const beginPlacesCell: Cell<BeginPlaces> = {
  key: 'begin-places',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseBeginPlaces,
  missing: NO_BEGIN_PLACES,
  damaged: NO_BEGIN_PLACES,
};

/** When relays were last asked, ms since the epoch, and by how many seconds this clock was wrong then. */
export const directoryAskedCell: Cell<{ at: number; wrongBy: number }> = {
  key: 'directory-asked',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: false,
  parse: (value) => {
    const { at, wrongBy } = asObject(value);
    return { at: asNumber(at), wrongBy: asNumber(wrongBy) };
  },
  missing: { at: 0, wrongBy: 0 },
  damaged: { at: 0, wrongBy: 0 },
};

/** Relays that hid others, forged, misled or broke the protocol: not asked, and some not used. */
export const relayFaultsCell: Cell<RelayFaults> = {
  key: 'relay-faults',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseRelayFaults,
  missing: {},
  damaged: {},
};

/** Names of relays that are dialled for the directory alone, past the proxy. */
export const askedHostsCell: Cell<readonly string[]> = {
  key: 'asked-hosts',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: false,
  parse: asTexts,
  missing: [],
  damaged: [],
};

/**
 * Some tab was private when the browser was last heard of. Written before the first tab becomes private and cleared after steering
 * ended, so it can be wrong in one direction only. No tab and no host is kept on disk.
 */
export const privateAtLastCell: Cell<boolean> = {
  key: 'private-at-last',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: false,
  parse: asBoolean,
  missing: false,
  damaged: true,
};

export const circuitCell: Cell<CircuitState> = {
  key: 'circuit',
  area: 'session',
  version: 2,
  secret: false,
  inPopup: true,
  parse: parseCircuitState,
  missing: CIRCUIT_OFF,
  damaged: CIRCUIT_OFF,
};

/** The person wants the browser's private windows to be private as a whole. */
export const incognitoCell: Cell<boolean> = {
  key: 'incognito-wholly',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: asBoolean,
  missing: false,
  // Whoever never asked for it loses nothing but a switch to turn off.
  damaged: true,
};

/**
 * Firefox: cookie stores of containers that were made for a private tab. Containers outlive the browser, so it is on disk; it is written before
 * the tab opens. A number of the browser's own, which says nothing of what was browsed.
 */
export const containersCell: Cell<readonly string[]> = {
  key: 'containers',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: asTexts,
  missing: [],
  damaged: [],
};

/** Extensions that may take the proxy at any moment, by id, with which the person wants private tabs all the same (Chrome). */
export const toleratedCell: Cell<readonly string[]> = {
  key: 'tolerated',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseNeighbourIds,
  missing: [],
  damaged: [],
};

/** Names of relays only, and in memory only. */
export const circuitPastCell: Cell<CircuitPast> = {
  key: 'circuit-past',
  area: 'session',
  version: 2,
  secret: false,
  inPopup: false,
  parse: parseCircuitPast,
  missing: NO_PAST,
  damaged: NO_PAST,
};

/** Which exits the sites of private tabs are reached by (Firefox). Names of sites are in it, so it is never on disk. */
export const siteExitsCell: Cell<SiteExits | undefined> = {
  key: 'site-exits',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: false,
  parse: parseSiteExits,
  missing: undefined,
  damaged: undefined,
};

/**
 * Where the person wants to leave the network, for which site, and the last few such choices. In memory only: it names sites, and says where somebody wants to appear from. One that cannot
 * be read holds nothing back: the wishes, which do, are another cell.
 */
export const exitChoicesCell: Cell<ExitChoices> = {
  key: 'exit-choices',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseExitChoices,
  missing: NO_EXIT_CHOICES,
  damaged: NO_EXIT_CHOICES,
};

/** Countries that the person marked, to find them again. On disk, since they asked for it; what they chose is not. */
export const favouriteExitsCell: Cell<readonly string[]> = {
  key: 'favourite-exits',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseFavourites,
  missing: [],
  damaged: [],
};

/** Part of the key of every private connection (Firefox): random, and of this time of privacy alone. */
export const isolationCell: Cell<string | undefined> = {
  key: 'isolation',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: false,
  parse: asText,
  missing: undefined,
  damaged: undefined,
};

/** Pages of private tabs that wait for a circuit: in memory only, and told to nobody but the tab itself. */
export const heldCell: Cell<HeldPages> = {
  key: 'held',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: false,
  parse: parseHeldPages,
  missing: NO_HELD_PAGES,
  damaged: NO_HELD_PAGES,
};

/** Sites that turned private tabs away, for the help that is offered then. Names sites, so it is memory. */
export const siteTroublesCell: Cell<SiteTroubles> = {
  key: 'site-troubles',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: false,
  parse: parseSiteTroubles,
  missing: NO_TROUBLES,
  damaged: NO_TROUBLES,
};

/** What the person was told of by a notification and is not over. A lost one says it once more. */
export const noticedCell: Cell<Noticed> = {
  key: 'noticed',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: false,
  parse: parseNoticed,
  missing: NOTHING_NOTICED,
  damaged: NOTHING_NOTICED,
};

/** An update of the extension waits for the last private tab to end. */
export const updateWaitingCell: Cell<boolean> = {
  key: 'update-waiting',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: false,
  parse: asBoolean,
  missing: false,
  damaged: false,
};

/**
 * The vault as text (src/core/wallet/vault.ts), and its copy. The text is read whole or damaged: what is wrong with it is for whoever parses it,
 * and nothing is written over it while that is open.
 */
export const vaultCell: Cell<string | undefined> = {
  key: 'vault',
  area: 'local',
  version: 1,
  secret: true,
  inPopup: false,
  parse: asText,
  missing: undefined,
  // Not `undefined`: there is a wallet, and it cannot be read.
  damaged: '',
};

export const vaultBackupCell: Cell<string | undefined> = { ...vaultCell, key: 'vault-backup' };

/** Wrong passwords so far. On disk, so that no restart gives new tries. */
export const attemptsCell: Cell<Attempts> = {
  key: 'wallet-attempts',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: false,
  parse: parseAttempts,
  missing: NO_ATTEMPTS,
  damaged: UNKNOWN_ATTEMPTS,
};

/** The key of the vault while the wallet is open. In memory only; what cannot be read is locked. */
export const openWalletCell: Cell<OpenWallet | null> = {
  key: 'wallet-open',
  area: 'session',
  version: 1,
  secret: true,
  inPopup: false,
  parse: parseOpenWallet,
  missing: null,
  damaged: null,
};

/** Keys that sign vouchers, each sealed under a key of this device. A lost one is derived again when the wallet is open. */
export const sessionKeysCell: Cell<SessionKeys> = {
  key: 'session-keys',
  area: 'local',
  version: 1,
  secret: true,
  inPopup: false,
  parse: parseSessionKeys,
  missing: NO_SESSION_KEYS,
  damaged: NO_SESSION_KEYS,
};

/** Seed of the worker's peer key, 32 bytes as hexadecimal text: in memory only, so that an entry can join nothing over a restart of the browser. */
export const peerSeedCell: Cell<string | undefined> = {
  key: 'peer-seed',
  area: 'session',
  version: 1,
  secret: true,
  inPopup: false,
  parse: (value) => asHex(value, 32),
  missing: undefined,
  damaged: undefined,
};

/**
 * Channels, vouchers, limits: what money depends on. It names the account of each channel, as the chain does; no site, no exit and no key. One that cannot be read
 * signs nothing.
 */
export const paymentsCell: Cell<PaymentBook> = {
  key: 'payments',
  area: 'local',
  version: 1,
  secret: true,
  inPopup: false,
  parse: parsePaymentBook,
  encode: encodePaymentBook,
  missing: EMPTY_BOOK,
  damaged: DAMAGED_BOOK,
};

/**
 * What private tabs carried, by entry and tab, and the requests that are on: so that a new worker counts on. In memory only, without a site. Written some seconds after a
 * request, not with each. A damaged one begins anew, under another name (`epoch`).
 */
export const trafficCell: Cell<StoredTraffic | undefined> = {
  key: 'traffic',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: false,
  parse: parseTraffic,
  missing: undefined,
  damaged: undefined,
};

/** How many bytes private tabs carried today, beside what was paid today: a number and a day. */
export const trafficDayCell: Cell<TrafficDay> = {
  key: 'traffic-day',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: false,
  parse: parseTrafficDay,
  missing: NO_TRAFFIC_DAY,
  damaged: NO_TRAFFIC_DAY,
};

/** Bytes and money of each of the last 30 days: no site, no tab, no time of day. Written some seconds after what it counts; deleted when the person turns it off. */
export const dayTotalsCell: Cell<DayTotals> = {
  key: 'day-totals',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseDayTotals,
  encode: encodeDayTotals,
  missing: NO_DAYS,
  damaged: DAYS_NOT_KEPT,
};

/** What tabs and entries came to since the browser was started, about: in memory only, numbers of tabs and ids of relays. */
export const costsCell: Cell<Costs> = {
  key: 'costs',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseCosts,
  missing: NO_COSTS,
  damaged: NO_COSTS,
};
export { firstRunCell, logCell, settingsCell, tabsCell, wipeCell };

export const CELLS = [
  ...[
    relaysCell,
    guardsCell,
    wishesCell,
    siteRulesCell,
    siteRulesCopyCell,
    directoryCell,
    beginPlacesCell,
    directoryAskedCell,
    relayFaultsCell,
    askedHostsCell,
    privateAtLastCell,
    tabsCell,
    circuitCell,
    circuitPastCell,
    siteExitsCell,
    exitChoicesCell,
    favouriteExitsCell,
    isolationCell,
    heldCell,
    siteTroublesCell,
    noticedCell,
    incognitoCell,
    containersCell,
    toleratedCell,
    updateWaitingCell,
    vaultCell,
    vaultBackupCell,
    attemptsCell,
    openWalletCell,
    sessionKeysCell,
    peerSeedCell,
    paymentsCell,
    trafficCell,
    trafficDayCell,
    dayTotalsCell,
    costsCell,
    settingsCell,
    firstRunCell,
    wipeCell,
    logCell,
  ],
] as const;
