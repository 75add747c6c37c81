// No proxy at all.

import { TITLES, type Peer } from './peer.ts';

export const direct: Peer = {
  name: 'direct',
  title: TITLES.direct,
  proxy: { kind: 'none' },
  processes: [],
  close: () => Promise.resolve(),
};
