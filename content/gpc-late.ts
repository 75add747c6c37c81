// Injected into the page's world when a document has come into a private tab: for those that the hint does not reach (gpc-early.ts).
// A script at the very top of such a page may be faster.

import { askForPrivacy } from './global-privacy-control.ts';

askForPrivacy();
