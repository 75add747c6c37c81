// The views of settings and of the first run, by their place. They need no wallet.

import type { JSX } from 'preact';
import type { ScreenRoute } from '../route.ts';
import { Welcome } from '../welcome/welcome.tsx';
import { Log } from './log.tsx';
import { Settings } from './settings.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { Stored } from './stored.tsx';
import { Wipe } from './wipe.tsx';

export const SETTINGS_VIEWS: Partial<Record<ScreenRoute, () => JSX.Element>> = {
  settings: Settings,
  'settings/shortcuts': Shortcuts,
  'settings/stored': Stored,
  'settings/wipe': Wipe,
  'settings/log': Log,
  welcome: Welcome,
};
