// The views behind the first one, with their style, when one of them is opened: the popup itself stays small (webpack.config.ts makes them a file of their own).

import type * as Screens from './full/full-page.tsx';

export type ScreensModule = typeof Screens;

let loading: Promise<ScreensModule> | undefined;

/** Loads once, however often it is asked; rejects where the file is gone, as after an update of the extension. */
export function loadScreens(): Promise<ScreensModule> {
  return (loading ??= load());
}

async function load(): Promise<ScreensModule> {
  const [screens] = await Promise.all([
    import(/* webpackMode: "lazy", webpackChunkName: "popup/screens" */ './full/full-page.tsx'),
    loadStyle('screens.css'),
  ]);
  return screens;
}

/** Resolves where it fails, too: a plain view is better than none. */
function loadStyle(href: string): Promise<void> {
  return new Promise((resolve) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = href;
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
}
