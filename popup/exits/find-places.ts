// Which countries and operators a search finds, in the order of the person's language. Pure.

import type { ExitPlace } from '../../src/core/circuit/exits-view.ts';

export type FoundPlace = ExitPlace & {
  name: string;
  /** Operators that the search found, to be shown at once; undefined where it found the country itself. */
  found: ExitPlace['operators'] | undefined;
};

/** More rows than there are countries only a directory that made some up would fill. */
export const MAX_ROWS = 120;

/** @param nameOf a country by its code. @returns those that can be chosen from first */
export function findPlaces(
  places: readonly ExitPlace[],
  search: string,
  { nameOf, language }: { nameOf: (region: string) => string; language: string },
): FoundPlace[] {
  const wanted = plain(search.trim());
  const collator = new Intl.Collator(language);
  return places
    .flatMap((place): FoundPlace[] => {
      const name = nameOf(place.region);
      if (wanted === '' || plain(name).includes(wanted) || plain(place.region) === wanted)
        return [{ ...place, name, found: undefined }];
      const found = place.operators.filter((operator) => plain(operator.name).includes(wanted));
      return found.length > 0 ? [{ ...place, name, found }] : [];
    })
    .sort((one, other) => Number(other.exits > 0) - Number(one.exits > 0) || collator.compare(one.name, other.name));
}

/** Without case and accents: whoever types `osterreich` means Österreich. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
