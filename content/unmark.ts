// Injected when a tab may not be called private any more: takes the mark away.

import type { Mark } from './show-mark.ts';

(globalThis as typeof globalThis & { conetMark?: Mark }).conetMark?.hide();
