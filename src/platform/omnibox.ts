// The keyword of the manifest in the browser's address bar: what is typed after it opens in a private tab. Must be called in the first tick.

import { typedAddress } from '../core/state/typed-address.ts';
import type { Words } from '../ports/words.ts';
import { browser } from './browser.ts';

type OpenPrivate = (how: { url: string | undefined; beside: number | undefined; container: false }) => void;

export function listenToOmnibox(openPrivate: OpenPrivate, words: Words): void {
  const suggest = (text: string): void => {
    // Never a search: the words would go to an engine that the person did not choose.
    const isAddress = typedAddress(text) !== undefined;
    const description = words.say(isAddress ? 'worker_omnibox_address' : 'worker_omnibox_none');
    browser.omnibox.setDefaultSuggestion({ description });
  };
  browser.omnibox.onInputStarted.addListener(() => suggest(''));
  browser.omnibox.onInputChanged.addListener(suggest);
  browser.omnibox.onInputEntered.addListener((text) => {
    openPrivate({ url: typedAddress(text), beside: undefined, container: false });
  });
}
