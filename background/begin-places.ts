// Places to begin that the person names: stores them, and has them tried at once where nothing is known that will do. Built in background/app.ts.

import { parseBeginAddress } from '../src/core/directory/begin-address.ts';
import type { BeginView } from '../src/core/directory/begin-news.ts';
import type { BeginPlaces } from '../src/core/directory/begin-places.ts';
import { isReachable } from '../src/core/directory/reachable.ts';
import { beginPlacesCell } from '../src/core/state/cells.ts';
import { MessageError } from '../src/messages/protocol.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { DirectorySync } from './directory/directory-sync.ts';

export type BeginPlacesDeps = {
  cells: Cells;
  ready: Promise<void>;
  directory: Pick<DirectorySync, 'news' | 'placesChanged'>;
  chainId: () => Promise<number>;
  tryAgain: () => Promise<void>;
};

export type BeginPlacesJob = {
  read: () => Promise<BeginView>;
  /** Throws `MessageError`. */
  set: (places: BeginPlaces) => Promise<BeginView>;
};

export function createBeginPlaces({ cells, ready, directory, chainId, tryAgain }: BeginPlacesDeps): BeginPlacesJob {
  const read = async (): Promise<BeginView> => {
    await ready;
    return { places: await cells.read(beginPlacesCell), news: directory.news() };
  };
  return {
    read,
    set: async (places) => {
      await ready;
      if (places.names.length > 0 && places.resolver === undefined) throw new MessageError('begin-no-resolver');
      // Before anything is stored: the rail that knows the chain is loaded for addresses alone.
      const chain = places.addresses.length > 0 ? await chainId() : 0;
      if (!places.addresses.every((text) => isReachable(parseBeginAddress(text).address, chain)))
        throw new MessageError('begin-private-network');
      await cells.update(beginPlacesCell, () => places);
      directory.placesChanged();
      await tryAgain();
      return read();
    },
  };
}
