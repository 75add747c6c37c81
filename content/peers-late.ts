// Injected into the page's world when a document has come into a private tab, behind peers-early.ts.

import { takePeerConnections } from './peer-connections.ts';

takePeerConnections();
