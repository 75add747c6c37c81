// What each part of the view is given: the worker's last word, and where to put a newer one.

import type { SitesView } from '../../src/messages/protocol.ts';

export type SitesProps = { view: SitesView; onView: (view: SitesView) => void };
