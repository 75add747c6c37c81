// Injected into the top document of a tab that may be called private: shows the mark, once. In the extension's world, whose globals no page sees.

import { send } from '../src/platform/messaging.ts';
import { createWords } from '../src/platform/worker-words.ts';
import { showMark, type Mark } from './show-mark.ts';

const scope = globalThis as typeof globalThis & { conetMark?: Mark };

if (scope.conetMark === undefined && document.documentElement instanceof HTMLHtmlElement) {
  const words = createWords();
  scope.conetMark = showMark(document, { text: words.say('worker_mark'), label: words.say('worker_mark_label') });
  // A document that comes back out of the browser's memory may find its tab private no more.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    send('page/is-private', {}).then(
      (isPrivate) => (isPrivate ? scope.conetMark?.show() : scope.conetMark?.hide()),
      () => scope.conetMark?.hide(),
    );
  });
} else scope.conetMark?.show();
