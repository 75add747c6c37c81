// The views that the options page lists and finds, with the messages that they are found by. A view that is no place of its own (a question, a step of
// another) is not among them.

import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';
import type { ScreenRoute } from '../route.ts';
import type { Place } from './search.ts';

type PlaceKeys = {
  route: ScreenRoute;
  title: MessageKey;
  /** Labels in it. */
  labels?: readonly MessageKey[];
  /** What else people call it, one message of several words. */
  words?: MessageKey;
  /** In the list at the side. */
  isListed?: boolean;
};

const PLACES: readonly PlaceKeys[] = [
  {
    route: 'settings',
    title: 'options_view_settings',
    isListed: true,
    labels: [
      'settings_appearance',
      'settings_appearance_dark',
      'settings_appearance_light',
      'settings_language',
      'settings_private',
      'settings_auto',
      'settings_notifications',
      'settings_lock',
      'settings_check',
    ],
  },
  { route: 'wallet', title: 'options_view_wallet', words: 'options_words_wallet', isListed: true },
  { route: 'wallet/deposit', title: 'options_view_deposit', words: 'options_words_deposit' },
  { route: 'wallet/receive', title: 'options_view_receive', words: 'options_words_receive' },
  { route: 'wallet/history', title: 'options_view_history', words: 'options_words_history' },
  { route: 'wallet/limits', title: 'options_view_limits', words: 'options_words_limits' },
  { route: 'wallet/servers', title: 'options_view_servers', words: 'options_words_servers' },
  { route: 'wallet/accounts', title: 'options_view_accounts', words: 'options_words_accounts' },
  { route: 'sites', title: 'sites_title', words: 'options_words_sites', isListed: true },
  { route: 'exits', title: 'exits_title', words: 'options_words_exits' },
  { route: 'activity', title: 'activity_title', words: 'options_words_activity', isListed: true },
  { route: 'relays', title: 'options_view_relays', words: 'options_words_relays', isListed: true },
  { route: 'relays/begin', title: 'options_view_begin', words: 'options_words_begin' },
  {
    route: 'settings/stored',
    title: 'options_view_stored',
    words: 'options_words_stored',
    labels: ['settings_stored_wipe'],
    isListed: true,
  },
  { route: 'settings/shortcuts', title: 'options_view_shortcuts', words: 'options_words_shortcuts', isListed: true },
  { route: 'settings/log', title: 'options_view_log', words: 'options_words_log', isListed: true },
  { route: 'welcome', title: 'options_view_welcome', words: 'options_words_welcome', isListed: true },
];

/** In the language that is open now. */
export function places(): Place[] {
  return PLACES.map(({ route, title, labels = [], words }) => ({
    route,
    title: t(title),
    words: [...labels.map((key) => t(key)), ...(words === undefined ? [] : [t(words)])],
  }));
}

export function listed(): { route: ScreenRoute; title: string }[] {
  return PLACES.filter(({ isListed }) => isListed === true).map(({ route, title }) => ({ route, title: t(title) }));
}
