// What came of the places to begin when they were last asked, for the person who named them. In memory only.

import type { BeginErrorCode } from './begin-error.ts';
import type { BeginPlaces } from './begin-places.ts';

export type BeginNews = {
  source: 'addresses' | 'names' | 'registry' | 'known';
  /** Relays that it told of, and of those that were asked how many answered. */
  told: number;
  answered: number;
  /** Undefined also where the others were enough. */
  error: BeginErrorCode | undefined;
};

export type BeginView = { places: BeginPlaces; news: readonly BeginNews[] };
