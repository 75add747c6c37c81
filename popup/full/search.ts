// Finds settings and views by the words of the person's language: every word that was typed has to be in a place's words. Pure.

import type { ScreenRoute } from '../route.ts';

/** `title`: what it is called. `words`: what else it is found by: its labels, and words that people use for it. */
export type Place = { route: ScreenRoute; title: string; words: readonly string[] };

/** `hit`: the label that was found, where it is not the title. */
export type Found = { route: ScreenRoute; title: string; hit: string | undefined };

/** Longer ones are no words of a search field. */
const MAX_QUERY = 100;

/** The best first: those whose title begins with it, then has it, then the rest, each in the order of the places. */
export function findPlaces(places: readonly Place[], query: string): Found[] {
  const asked = plain(query.slice(0, MAX_QUERY));
  const terms = asked.split(' ').filter((term) => term !== '');
  if (terms.length === 0) return [];
  const found = places.flatMap(({ route, title, words }) => {
    const all = [title, ...words];
    const text = plain(all.join(' '));
    if (!terms.every((term) => text.includes(term))) return [];
    const name = plain(title);
    const inTitle = terms.every((term) => name.includes(term));
    const hit = inTitle ? undefined : words.find((each) => terms.some((term) => plain(each).includes(term)));
    return [{ route, title, hit, rank: name.startsWith(asked) ? 0 : inTitle ? 1 : 2 }];
  });
  return found.sort((one, other) => one.rank - other.rank).map(({ route, title, hit }) => ({ route, title, hit }));
}

/** Without case, accents and double spaces: `Größe` is found by `grosse` in no language, but `mobil` by `Móbil` in all. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}
