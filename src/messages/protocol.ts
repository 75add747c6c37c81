// What popup and content scripts may say to the worker: a map of function signatures, from which both ends take their types.
// A sender states an intention; the answer is the worker's own state, never an echo of what it was told.

import type { ExitChoice } from '../core/circuit/exit-choice.ts';
import type { ExitsView } from '../core/circuit/exits-view.ts';
import type { ActivityView } from '../core/activity/activity-view.ts';
import type { SpeedView } from '../core/activity/speed.ts';
import type { SiteRule } from '../core/routing/site-rule.ts';
import type { RelayWishes } from '../core/circuit/relay-wishes.ts';
import type { RelaysView } from '../core/circuit/relays-view.ts';
import type { BeginView } from '../core/directory/begin-news.ts';
import type { BeginPlaces } from '../core/directory/begin-places.ts';
import type { DepositQuestion, FindReport, LimitsView, PaymentStatus, Units } from '../core/payment/payment-status.ts';
import type { Hex } from '../core/payment/hex.ts';
import type { LogEntry } from '../core/state/debug-log.ts';
import type { StoredItem } from '../core/state/stored-list.ts';
import type { Settings } from '../core/state/settings.ts';
import type { PopupSnapshot } from '../core/state/snapshot.ts';
import type { Exported, ImportSource, WalletStatus } from '../core/wallet/wallet-status.ts';
import type { MessageErrorCode } from './error-codes.ts';

export { MESSAGE_ERRORS, type MessageErrorCode } from './error-codes.ts';
export { MessageError } from './message-error.ts';

/** Peer ids of a circuit, base36. */
export type CircuitParties = { exit: string; entry: string };

/**
 * `isLost`: what was kept cannot be read any more. `exits`: countries in which exits are known, sorted; undefined where the browser does not tell sites apart, so that a rule's country has no effect.
 */
export type SitesView = { rules: SiteRule[]; isLost: boolean; exits?: readonly string[] | undefined };

export type Protocol = {
  /** The switch was set for a tab. Answers what the tab is now, which may be `connecting`. */
  'tab/set-private': (data: { tab: number; wanted: boolean }) => PopupSnapshot;
  'tab/read': (data: { tab: number }) => PopupSnapshot;
  /** The person does not want to wait for the next attempt. */
  'circuit/try-again': (data: { tab: number }) => PopupSnapshot;
  /** All private tabs change to another exit, and this one is loaded again. */
  'circuit/another-exit': (data: { tab: number }) => PopupSnapshot;
  /** The same to a circuit that no connection of before can be joined with. */
  'circuit/new-identity': (data: { tab: number }) => PopupSnapshot;
  /** Our page in the place of one that waits can name no tab and no page: it is about its own. */
  'held/retry': (data: Record<string, never>) => true;
  'held/another-exit': (data: Record<string, never>) => true;
  'held/end-private': (data: Record<string, never>) => true;
  /** The page that a private tab stopped before, as it is of a site that is never private: in a new tab that is not private; or here, this once. */
  'held/open-normal': (data: Record<string, never>) => true;
  'held/private-once': (data: Record<string, never>) => true;
  /** Opens a blank private tab beside this one; `container`: with cookies of its own (Firefox). */
  'tab/open-private': (data: { tab: number; container: boolean }) => PopupSnapshot;
  /** Whether the browser's private windows are to be private as a whole. */
  'incognito/set': (data: { tab: number; wanted: boolean }) => PopupSnapshot;
  /** Shows the person where the browser lets the extension into its private windows. */
  'incognito/open-settings': (data: { tab: number }) => PopupSnapshot;
  /** Extensions that may take the proxy, of those that the snapshot showed: disables them. */
  'rivals/turn-off': (data: { tab: number; ids: string[] }) => PopupSnapshot;
  /** Private tabs all the same, or no longer. */
  'rivals/tolerate': (data: { tab: number; ids: string[]; wanted: boolean }) => PopupSnapshot;
  /** The check page: the circuits in use, the first one first. */
  'check/circuits': (data: Record<string, never>) => CircuitParties[];
  /** A signed statement that the worker itself asked for with that nonce, as JSON text; null where none came. */
  'check/ask': (data: { nonce: string }) => string | null;
  /** Whether a signed statement, as JSON text, is signed by the peer that it names. */
  'check/verify': (data: { answer: string }) => boolean;
  /** A content script asks whether the tab it runs in is private; it can name no other. */
  'page/is-private': (data: Record<string, never>) => boolean;
  /** What there is to wish among. */
  'relays/read': (data: Record<string, never>) => RelaysView;
  /** Circuits that break a wish are given up when this is answered. */
  'relays/set-wishes': (data: { wishes: RelayWishes }) => RelaysView;
  /** Where to begin when no relay is known, and what came of it. */
  'relays/read-begin': (data: Record<string, never>) => BeginView;
  'relays/set-begin': (data: { places: BeginPlaces }) => BeginView;
  /** Which exits there are to choose from, for this tab. */
  'exits/read': (data: { tab: number }) => ExitsView;
  /** The tab, or all private tabs where the browser does not tell sites apart, leave there from now on; a tab that is not private becomes so. */
  'exits/choose': (data: { tab: number; choice: ExitChoice }) => ExitsView;
  /** A country is found again among the marked ones, or no longer. */
  'exits/mark': (data: { tab: number; region: string; wanted: boolean }) => ExitsView;
  /** What passed and what it came to; asked each second while it is looked at. */
  'activity/read': (data: Record<string, never>) => ActivityView;
  /** Whether totals of days are kept on this machine; turned off, those that were are gone when it is answered. */
  'activity/keep-days': (data: { wanted: boolean }) => ActivityView;
  /** Begins a speed test, which `activity/read` tells of; the person was told what it costs. */
  'activity/start-speed': (data: Record<string, never>) => SpeedView;
  'activity/cancel-speed': (data: Record<string, never>) => SpeedView;
  /** Sites that are always private, or never. */
  'sites/read': (data: Record<string, never>) => SitesView;
  'sites/set-rule': (data: SiteRule) => SitesView;
  'sites/remove': (data: { host: string }) => SitesView;
  /** Beside those that there are, or in the place of one for the same host. */
  'sites/import': (data: { rules: SiteRule[] }) => SitesView;
  // The wallet: the popup only. No reply holds a key; words and keystore files come back at creation and at export, behind the password.
  'wallet/status': (data: Record<string, never>) => WalletStatus;
  /** The words of the new wallet, which is open then and has to be confirmed. */
  'wallet/create': (data: { password: string }) => { words: string[]; status: WalletStatus };
  /** The words at the places that the status asks for. */
  'wallet/confirm': (data: { words: string[] }) => WalletStatus;
  /** `password`: the wallet's, or the one that it is to have. `replace`: in the place of the wallet that there is, which is gone then. */
  'wallet/import': (data: { source: ImportSource; password: string; replace: boolean }) => WalletStatus;
  'wallet/unlock': (data: { password: string }) => WalletStatus;
  'wallet/lock': (data: Record<string, never>) => WalletStatus;
  /** `account`: the address whose keystore file is wanted; null: the words. */
  'wallet/export': (data: { password: string; account: string | null }) => Exported;
  'wallet/change-password': (data: { from: string; to: string }) => WalletStatus;
  /** Another account of the words. */
  'wallet/add-account': (data: Record<string, never>) => WalletStatus;
  /** New deposits are paid from that account, and its balance is shown. Deposits that there are keep theirs. */
  'wallet/set-paying': (data: { account: string }) => WalletStatus;
  // Payments: the popup only. What changes something answers `true`, and `payments/status` tells what came of it.
  /** `tab`: whose use is wanted. `direct`: the person agreed that the chain's server sees their address, where no circuit is up. */
  'payments/status': (data: { tab: number; direct: boolean }) => PaymentStatus;
  /** To the relay in use, into its channel if there is one. Answers what will be signed; nothing is signed yet. */
  'payments/ask-deposit': (data: { amount: Units }) => DepositQuestion;
  /** `renew`: the question's second struct is signed as well, to be used once by itself when a fifth is left. */
  'payments/confirm-deposit': (data: { id: string; renew: boolean }) => true;
  'payments/refuse-deposit': (data: Record<string, never>) => true;
  /** What was signed ahead for a channel is dropped: the person is asked again. */
  'payments/end-renewal': (data: { id: Hex }) => true;
  /** Whether to pay a relay that is dearer than the limit. */
  'payments/answer-price': (data: { agree: boolean }) => true;
  'payments/set-limits': (data: { limits: LimitsView }) => true;
  /**
   * Looks on the chain for channels of the wallet's accounts, a month of blocks at a time; `further`: the month before the last look. `direct`: the person agreed that
   * the chain's server sees their address, where no circuit is up.
   */
  'payments/find-channels': (data: { direct: boolean; further: boolean }) => FindReport;
  /** A found channel is used here, and on no other device. */
  'payments/use-channel': (data: { id: Hex }) => true;
  /** With the relay's help: it claims what it has earned and the rest comes back. */
  'payments/close-channel': (data: { id: Hex }) => true;
  /** Without it: begins the withdrawal, or fetches the money when its time has come. Costs a little gas. */
  'payments/withdraw': (data: { id: Hex }) => true;
  'payments/set-rpc': (data: { urls: string[] }) => true;
  'settings/read': (data: Record<string, never>) => Settings;
  /** What is left out stays. Answers when it is in force. */
  'settings/set': (data: { change: Partial<Settings> }) => Settings;
  /** Names and sizes of what is stored, and nothing of it. */
  'settings/stored': (data: Record<string, never>) => StoredItem[];
  /** Closes private tabs, and forgets everything when their last requests are over; `wallet`: the wallet with it, and whatever money only it reaches. */
  'settings/wipe': (data: { wallet: boolean }) => true;
  'settings/log': (data: Record<string, never>) => readonly LogEntry[];
};

export type MessageType = keyof Protocol;
export type MessageData<T extends MessageType> = Parameters<Protocol[T]>[0];
export type MessageReply<T extends MessageType> = ReturnType<Protocol[T]>;

export type Message = { [T in MessageType]: { type: T; data: MessageData<T> } }[MessageType];

/** On the wire. `build` is the version of the sender: a popup or page script from before an update is told to go. */
export type Envelope = { build: string } & Message;

export type Reply<T extends MessageType> =
  { ok: true; value: MessageReply<T> } | { ok: false; error: MessageErrorCode };
