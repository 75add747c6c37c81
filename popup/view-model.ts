// What the popup shows, from what the worker says: pure. Views below draw it and decide nothing.

import { statusWords } from '../src/core/circuit/circuit-advice.ts';
import type { Neighbour } from '../src/core/state/neighbour.ts';
import type { StoredSwitch } from '../src/core/state/stored-switch.ts';
import type { BlockedReason } from '../src/core/state/tab-status.ts';
import type { SiteTrouble } from '../src/core/state/site-trouble.ts';
import type { HopView, PopupSnapshot } from '../src/core/state/snapshot.ts';
import type { MessageKey } from '../src/core/text/text.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';
import { listOf, regionName } from '../src/text/formats.ts';
import { say, t } from '../src/text/translate.ts';
import { chosenExitWords } from './home/change-exit.tsx';
import { tabErrorWords } from './tab-error-words.ts';

export type Tone = 'off' | 'connecting' | 'private' | 'blocked';

/** One stop on the way: its role, and what is known of who runs it and where. */
export type HopModel = {
  is: 'you' | 'entry' | 'exit' | 'site';
  role: string;
  name: string;
  place: string | undefined;
  /** The code of the place. */
  region?: string | undefined;
  /** From here to it and back; undefined where it was not measured. */
  ms?: number | undefined;
  lit: boolean;
};

export type ViewModel = {
  tone: Tone;
  headline: string;
  sentence: string;
  advice: string | undefined;
  toggle: { on: boolean; enabled: boolean; label: string };
  hops: HopModel[];
  /** How far the word "private" reaches in this browser; '' while that is not known of the tab. */
  scope: string;
  /** The same of a tab that is in no private window or container, which has its room before it is known. */
  usualScope: string;
  canTryAgain: boolean;
  /** Another exit, and a new identity. */
  canChangeCircuit: boolean;
  /** Which exit the person chose, and whether they have it. */
  chosenExit?: string | undefined;
  /** The site of a private tab makes trouble. */
  help: { trouble: SiteTrouble; site: string } | undefined;
  /** For what the other exit would be, and what a new identity is. */
  changeNote: string;
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
  /** What the person said of the site; undefined for what can have no rule. */
  siteRule: PopupSnapshot['siteRule'] | 'unknown';
  /** A new private tab with cookies of its own can be opened. */
  offersContainers: boolean;
};

export type RivalsModel = { ids: string[]; names: string };

/** `settings`: the browser has to be told first. `wait`: so it has, but private tabs would get out while it restarts the extension. */
export type WindowsModel = { label: string; on: boolean; needs: 'nothing' | 'settings' | 'wait'; words: string };

/** What the popup knows: the worker's last word, what the person wants beyond it, and what went wrong between them. */
export type PopupState = {
  snapshot: PopupSnapshot | undefined;
  /** What storage says until then: enough for the switch, and for nothing else. */
  stored?: StoredSwitch | undefined;
  /** Of this browser. */
  usualScope?: 'tab' | 'site';
  /** The switch was set and the worker has not answered yet. */
  wanted: boolean | undefined;
  error: MessageErrorCode | undefined;
};

const SCOPES: Record<PopupSnapshot['scope'], MessageKey> = {
  tab: 'home_scope_tab',
  site: 'home_scope_site',
  incognito: 'home_scope_incognito',
  container: 'home_scope_container',
};

export function toViewModel({ usualScope = 'tab', ...state }: PopupState): ViewModel {
  return { ...modelOf(state), usualScope: t(SCOPES[usualScope]) };
}

type OwnModel = Omit<ViewModel, 'usualScope'>;

function modelOf({ snapshot, stored, wanted, error }: PopupState): OwnModel {
  if (snapshot === undefined) return stored === undefined ? waiting(error) : switchOnly(stored, wanted, error);
  const { status, canBePrivate } = snapshot;
  const settled = status.is !== 'off';
  const on = wanted ?? settled;
  const words = on === settled ? statusWords(status) : statusWords(on ? { is: 'connecting' } : { is: 'off' });
  const refused = !canBePrivate && !on;
  const advice = words.advice === undefined ? undefined : say(words.advice);
  const isStrict = snapshot.scope === 'incognito' || snapshot.scope === 'container';
  const label = t(on ? 'home_end_private' : 'home_make_private');
  return {
    tone: on === settled ? status.is : on ? 'connecting' : 'off',
    headline: say(words.headline),
    sentence: refused ? tabErrorWords('not-a-web-page') : say(words.sentence),
    advice: error === undefined || (refused && error === 'not-a-web-page') ? advice : tabErrorWords(error),
    toggle: { on, enabled: !refused && !isStrict, label: isStrict ? tabErrorWords('always-private') : label },
    hops: hops(on ? snapshot : { ...snapshot, circuit: undefined }),
    scope: t(SCOPES[snapshot.scope]),
    canTryAgain: on && status.is === 'blocked',
    canChangeCircuit: on && status.is === 'private',
    chosenExit: on ? chosenExitWords(snapshot) : undefined,
    help: on && status.is === 'private' ? helpOf(snapshot) : undefined,
    changeNote: t(snapshot.exitIsForSite ? 'home_change_site' : 'home_change_all'),
    canFindOutWho: status.is === 'blocked' && NAMEABLE.includes(status.why) && status.name === undefined,
    rivals: status.is === 'blocked' ? rivalsModel(snapshot.rivals) : undefined,
    tolerated: rivalsModel(snapshot.tolerated),
    warning: warning(snapshot.misleaders),
    siteRule: snapshot.siteRule,
    windows: windowsModel(snapshot),
    offersContainers: snapshot.offersContainers,
  };
}

function helpOf({ trouble, site }: PopupSnapshot): ViewModel['help'] {
  return trouble === undefined || site === undefined ? undefined : { trouble, site };
}

function rivalsModel(rivals: readonly Neighbour[]): RivalsModel | undefined {
  if (rivals.length === 0) return undefined;
  return { ids: rivals.map(({ id }) => id), names: listOf(rivals.map(({ name }) => name)) };
}

function warning(operators: readonly string[]): string | undefined {
  if (operators.length === 0) return undefined;
  return t('home_misled', { names: listOf(operators) });
}

const NAMEABLE: BlockedReason[] = ['other-extension', 'privacy-setting'];

/** Firefox calls them private windows; in Chrome they have a name of their own, and so has what opens them. */
const WINDOWS = {
  firefox: {
    label: 'home_windows_firefox',
    on: 'home_windows_on_firefox',
    closed: 'home_windows_closed_firefox',
    wait: 'home_windows_wait_firefox',
  },
  chrome: {
    label: 'home_windows_chrome',
    on: 'home_windows_on_chrome',
    closed: 'home_windows_closed_chrome',
    wait: 'home_windows_wait_chrome',
  },
} as const;

export function windowsModel({ incognito, offersContainers, privateTabs }: PopupSnapshot): WindowsModel {
  // Only Firefox has containers.
  const words = offersContainers ? WINDOWS.firefox : WINDOWS.chrome;
  const label = t(words.label);
  const { isAllowed, isWanted } = incognito;
  if (isAllowed) return { label, on: isWanted, needs: 'nothing', words: t(isWanted ? words.on : 'home_windows_off') };
  if (privateTabs === 0) return { label, on: false, needs: 'settings', words: t(words.closed) };
  return { label, on: false, needs: 'wait', words: t(words.wait) };
}

/** Before the worker's first word. Whether a private tab gets through is not known yet, so it is not said to. */
function switchOnly({ is }: StoredSwitch, wanted: boolean | undefined, error: MessageErrorCode | undefined): OwnModel {
  const on = wanted ?? is === 'on';
  const words = statusWords({ is: on ? 'connecting' : 'off' });
  const isUnknown = on && wanted === undefined;
  const refused = is === 'refused';
  return {
    ...waiting(error),
    tone: on ? 'connecting' : 'off',
    headline: isUnknown ? t('common_one_moment') : say(words.headline),
    sentence: refused ? tabErrorWords('not-a-web-page') : isUnknown ? t('home_starting') : say(words.sentence),
    advice: error === undefined ? undefined : tabErrorWords(error),
    toggle: { on, enabled: !refused, label: t(on ? 'home_end_private' : 'home_make_private') },
  };
}

function waiting(error: MessageErrorCode | undefined): OwnModel {
  return {
    tone: 'off',
    headline: t('common_one_moment'),
    sentence: error === undefined ? t('home_starting') : tabErrorWords(error),
    advice: undefined,
    toggle: { on: false, enabled: false, label: t('home_make_private') },
    hops: hops(undefined),
    scope: '',
    canTryAgain: false,
    canChangeCircuit: false,
    help: undefined,
    changeNote: t('home_change_all'),
    canFindOutWho: false,
    rivals: undefined,
    tolerated: undefined,
    warning: undefined,
    windows: undefined,
    siteRule: 'unknown',
    offersContainers: false,
  };
}

/** Undefined: nothing is known yet. */
function hops(snapshot: PopupSnapshot | undefined): HopModel[] {
  const { circuit, site } = snapshot ?? {};
  const lit = snapshot?.status.is === 'private';
  const relay = (hop: HopView | undefined): Omit<HopModel, 'is' | 'role'> => ({
    name: hop?.operator ?? '…',
    place: hop === undefined ? undefined : regionName(hop.region),
    region: hop?.region,
    ms: hop?.ms,
    lit,
  });
  return [
    { is: 'you', role: t('home_way_you'), name: t('home_way_device'), place: undefined, lit },
    { is: 'entry', role: t('home_way_entry'), ...relay(circuit?.entry) },
    { is: 'exit', role: t('home_way_exit'), ...relay(circuit?.exit) },
    { is: 'site', role: t('home_way_site'), name: site ?? t('home_way_next'), place: undefined, lit },
  ];
}
