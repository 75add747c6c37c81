// The keyword of the manifest in the browser's address bar: what is typed after it opens in a private tab. Must be called in the first tick.

import { typedAddress } from '../core/state/typed-address.ts';
import { browser } from './browser.ts';

type OpenPrivate = (how: { url: string | undefined; beside: number | undefined; container: false }) => void;

const SUGGESTIONS = {
  address: 'Open this address in a private tab',
  // Not a search: the words would go to an engine that the person did not choose.
  none: 'Type an address, for example example.org. Enter opens a blank private tab',
};

export function listenToOmnibox(openPrivate: OpenPrivate): void {
  const suggest = (text: string): void => {
    const description = typedAddress(text) === undefined ? SUGGESTIONS.none : SUGGESTIONS.address;
    browser.omnibox.setDefaultSuggestion({ description });
  };
  browser.omnibox.onInputStarted.addListener(() => suggest(''));
  browser.omnibox.onInputChanged.addListener(suggest);
  browser.omnibox.onInputEntered.addListener((text) => {
    openPrivate({ url: typedAddress(text), beside: undefined, container: false });
  });
}
