// Runs in the page's world before any script of the page, in every frame, while some tab is private. Where nothing says that the document is a
// normal tab's, it has no WebRTC: a page that a service worker made, or a sandboxed frame of one, pays for what cannot be known in time.

import { isOfTheWeb, readHint } from './hint.ts';
import { hasPeerConnections, takePeerConnections } from './peer-connections.ts';

/** about:blank, srcdoc and blob: documents are their maker's, where it may be asked. */
function isNormal(): boolean {
  if (isOfTheWeb()) return readHint() === 'none';
  const maker = parent === window ? (opener as Window | null) : parent;
  try {
    return maker === null || hasPeerConnections(maker);
  } catch {
    return false;
  }
}

if (!isNormal()) takePeerConnections();
