// The first view's way to the options page: the same views in a tab, and the settings.

import type { JSX } from 'preact';
import { t } from '../../src/text/translate.ts';

export function AllSettings(): JSX.Element {
  return (
    <a href="/popup/options.html#/settings" target="_blank" rel="noreferrer" data-action="all-settings">
      {t('options_all')}
    </a>
  );
}
