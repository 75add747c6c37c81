// What the person set about the extension as a whole, in one cell. Each setting is read by something: by pages (appearance, language), by the worker's
// tabs (auto), its notifications and its wallet. Its own file, so that a page can read it without the rest of the table. Pure.

import { LANGUAGES } from '../text/languages.ts';
import type { Cell } from './cell.ts';
import { asBoolean, asNumber, asObject, asOneOf, ParseError } from './parse.ts';

export const APPEARANCES = ['auto', 'light', 'dark'] as const;
export const AUTO_PRIVATE = ['off', 'new-tabs'] as const;

/** A day: who wants longer wants it open until the browser closes. */
export const MAX_LOCK_MINUTES = 1440;

export type Settings = {
  /** `auto`: as the system has it. */
  appearance: (typeof APPEARANCES)[number];
  /** A tag of src/core/text/languages.ts; `auto`: the browser's. */
  language: string;
  /** `new-tabs`: every tab that is opened is private from its first request on (docs/decisions/0052). */
  auto: (typeof AUTO_PRIVATE)[number];
  notifications: boolean;
  /** How long the wallet stays open without use: whole minutes, 1 to `MAX_LOCK_MINUTES`, or until the browser closes. */
  lockAfter: number | 'browser-closes';
};

/** Payments go on without the wallet (session keys), so a person who walks away loses nothing by the lock. */
export const DEFAULT_SETTINGS: Settings = {
  appearance: 'auto',
  language: 'auto',
  auto: 'off',
  notifications: true,
  lockAfter: 15,
};

export const settingsCell: Cell<Settings> = {
  key: 'settings',
  area: 'local',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseSettings,
  missing: DEFAULT_SETTINGS,
  // Whoever had every tab private must not be found out in the open; whoever never asked for it loses nothing but a switch to turn off.
  damaged: { ...DEFAULT_SETTINGS, auto: 'new-tabs' },
};

const READERS: { [K in keyof Settings]: (value: unknown) => Settings[K] } = {
  appearance: (value) => asOneOf(value, APPEARANCES),
  language: (value) => asOneOf(value, ['auto', ...LANGUAGES.map(({ tag }) => tag)]),
  auto: (value) => asOneOf(value, AUTO_PRIVATE),
  notifications: asBoolean,
  lockAfter: (value) => (value === 'browser-closes' ? value : asMinutes(value)),
};

export const SETTING_NAMES = Object.keys(READERS) as (keyof Settings)[];

/** Of a later version that knew more settings, or an earlier one that knew fewer: those that are known are read. Throws `ParseError`. */
export function parseSettings(value: unknown): Settings {
  return { ...DEFAULT_SETTINGS, ...parsePatch(value) };
}

/** Some of them, as a form sends what was changed. Throws `ParseError`. */
export function parsePatch(value: unknown): Partial<Settings> {
  const fields = asObject(value);
  const given = SETTING_NAMES.filter((name) => fields[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, READERS[name](fields[name])]));
}

/** ms without use after which the wallet locks; `Infinity`: with the browser, in whose memory alone its key is. */
export function lockAfterMs({ lockAfter }: Settings): number {
  return lockAfter === 'browser-closes' ? Infinity : lockAfter * 60_000;
}

function asMinutes(value: unknown): number {
  const minutes = asNumber(value);
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MAX_LOCK_MINUTES) throw new ParseError('no such time');
  return minutes;
}
