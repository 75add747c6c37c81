// What the popup shows, from what the worker says: pure. Views below draw it and decide nothing.

import { statusWords } from '../src/core/circuit/circuit-advice.ts';
import type { Neighbour } from '../src/core/state/neighbour.ts';
import type { BlockedReason } from '../src/core/state/tab-status.ts';
import type { PopupSnapshot } from '../src/core/state/snapshot.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';
import { regionName } from './region-name.ts';
import { TAB_ERROR_WORDS, tabErrorWords } from './tab-error-words.ts';

export type Tone = 'off' | 'connecting' | 'private' | 'blocked';

/** One stop on the way: its role, and what is known of who runs it and where. */
export type HopModel = { role: string; name: string; place: string | undefined; lit: boolean };

export type ViewModel = {
  tone: Tone;
  headline: string;
  sentence: string;
  advice: string | undefined;
  toggle: { on: boolean; enabled: boolean; label: string };
  hops: HopModel[];
  /** How far the word "private" reaches in this browser. */
  scope: string;
  canTryAgain: boolean;
  /** Another exit, and a new identity. */
  canChangeCircuit: boolean;
  /** For what the other exit would be. */
  exitFor: string;
  /** Another extension is in the way, and its name could be found out if the person allows it. */
  canFindOutWho: boolean;
  /** Extensions that may take the proxy, for the person to decide about. */
  rivals: RivalsModel | undefined;
  /** Those with which the person wanted private tabs all the same. */
  tolerated: RivalsModel | undefined;
  /** What entries did that are not used any more; undefined where none did anything. */
  warning: string | undefined;
  /** The strong mode of private windows; undefined while nothing is known. */
  windows: WindowsModel | undefined;
  /** A new private tab with cookies of its own can be opened. */
  offersContainers: boolean;
};

export type RivalsModel = { ids: string[]; names: string };

/** `settings`: the browser has to be told first. `wait`: so it has, but private tabs would get out while it restarts the extension. */
export type WindowsModel = { label: string; on: boolean; needs: 'nothing' | 'settings' | 'wait'; words: string };

/** What the popup knows: the worker's last word, what the person wants beyond it, and what went wrong between them. */
export type PopupState = {
  snapshot: PopupSnapshot | undefined;
  /** The switch was set and the worker has not answered yet. */
  wanted: boolean | undefined;
  error: MessageErrorCode | undefined;
};

const SCOPE_WORDS: Record<PopupSnapshot['scope'], string> = {
  tab: 'Private is exactly this tab, and tabs opened from it. Cookies are shared with your other tabs.',
  site: 'Private is this tab, and tabs opened from it. A site that is open in both kinds of tab goes the private way for both. Cookies are shared with your other tabs.',
  incognito: 'Private is every tab of every private window, with cookies apart from those of your other windows.',
  container:
    'Private is everything in the container of this tab. Its cookies are its own, and go when its last tab is closed.',
};

export function toViewModel({ snapshot, wanted, error }: PopupState): ViewModel {
  if (snapshot === undefined) return waiting(error);
  const { status, canBePrivate } = snapshot;
  const settled = status.is !== 'off';
  const on = wanted ?? settled;
  const words = on === settled ? statusWords(status) : statusWords(on ? { is: 'connecting' } : { is: 'off' });
  const refused = !canBePrivate && !on;
  const isStrict = snapshot.scope === 'incognito' || snapshot.scope === 'container';
  const label = on ? 'End private browsing in this tab' : 'Make this tab private';
  return {
    tone: on === settled ? status.is : on ? 'connecting' : 'off',
    headline: capital(words.headline),
    sentence: refused ? TAB_ERROR_WORDS['not-a-web-page'] : words.sentence,
    advice: error === undefined || (refused && error === 'not-a-web-page') ? words.advice : tabErrorWords(error),
    toggle: { on, enabled: !refused && !isStrict, label: isStrict ? TAB_ERROR_WORDS['always-private'] : label },
    hops: on ? hops(snapshot) : [],
    scope: SCOPE_WORDS[snapshot.scope],
    canTryAgain: on && status.is === 'blocked',
    canChangeCircuit: on && status.is === 'private',
    exitFor: snapshot.exitIsForSite ? 'Another exit is for this site alone.' : 'For all private tabs.',
    canFindOutWho: status.is === 'blocked' && NAMEABLE.includes(status.why) && status.name === undefined,
    rivals: status.is === 'blocked' ? rivalsModel(snapshot.rivals) : undefined,
    tolerated: rivalsModel(snapshot.tolerated),
    warning: warning(snapshot.misleaders),
    windows: windowsModel(snapshot),
    offersContainers: snapshot.offersContainers,
  };
}

function rivalsModel(rivals: readonly Neighbour[]): RivalsModel | undefined {
  if (rivals.length === 0) return undefined;
  const names = new Intl.ListFormat('en', { type: 'conjunction' }).format(rivals.map(({ name }) => name));
  return { ids: rivals.map(({ id }) => id), names };
}

function warning(operators: readonly string[]): string | undefined {
  if (operators.length === 0) return undefined;
  const names = new Intl.ListFormat('en', { type: 'conjunction' }).format(operators);
  return `The entry of ${names}, or somebody on the way to it, led to another machine than the exit. Nothing was sent there, and it is not used for a day.`;
}

const NAMEABLE: BlockedReason[] = ['other-extension', 'privacy-setting'];

export function windowsModel({ incognito, offersContainers, privateTabs }: PopupSnapshot): WindowsModel {
  // Firefox, which has containers, calls them private windows; in Chrome they have a name of their own.
  const [kind, permission] = offersContainers
    ? ['private', 'Run in Private Windows']
    : ['Incognito', 'Allow in Incognito'];
  const label = `Make all ${kind} windows private`;
  const { isAllowed, isWanted } = incognito;
  if (isAllowed) {
    const words = isWanted
      ? `Everything in ${kind} windows goes through the circuit, and other windows are left as they are.`
      : `Everything in them would go through the circuit, with cookies of their own. Other windows are left as they are.`;
    return { label, on: isWanted, needs: 'nothing', words };
  }
  const why = `The browser keeps extensions out of ${kind} windows until you turn on “${permission}” in its settings.`;
  if (privateTabs === 0) return { label, on: false, needs: 'settings', words: `${why} You need to do that once.` };
  return {
    ...{ label, on: false, needs: 'wait' },
    words: `${why} It restarts the extension then, so end your private tabs first.`,
  };
}

function waiting(error: MessageErrorCode | undefined): ViewModel {
  return {
    tone: 'off',
    headline: 'One moment',
    sentence: error === undefined ? 'The extension is starting.' : tabErrorWords(error),
    advice: undefined,
    toggle: { on: false, enabled: false, label: 'Make this tab private' },
    hops: [],
    scope: '',
    canTryAgain: false,
    canChangeCircuit: false,
    exitFor: '',
    canFindOutWho: false,
    rivals: undefined,
    tolerated: undefined,
    warning: undefined,
    windows: undefined,
    offersContainers: false,
  };
}

function hops({ circuit, site, status }: PopupSnapshot): HopModel[] {
  const lit = status.is === 'private';
  const relay = (role: string, hop: { operator: string; region: string } | undefined): HopModel => ({
    role,
    name: hop?.operator ?? '…',
    place: hop === undefined ? undefined : regionName(hop.region),
    lit,
  });
  return [
    { role: 'You', name: 'this device', place: undefined, lit },
    relay('Entry', circuit?.entry),
    relay('Exit', circuit?.exit),
    { role: 'Site', name: site ?? 'the next page', place: undefined, lit },
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
