// Help with a site that turns the exit away or does not answer: what is wrong, in words, and the ways out, in the place of the usual ones. Nothing is done without a click.

import type { JSX } from 'preact';
import type { SiteTrouble } from '../../src/core/state/site-trouble.ts';
import { t } from '../../src/text/translate.ts';
import { ChangeExit } from './change-exit.tsx';

export type SiteHelpProps = {
  trouble: SiteTrouble;
  site: string;
  onAnotherExit: () => void;
  onNewIdentity: () => void;
  /** Private browsing of this tab ends. */
  onToggle: () => void;
};

export function SiteHelp({ trouble, site, onAnotherExit, onNewIdentity, onToggle }: SiteHelpProps): JSX.Element {
  const isRefused = trouble.is === 'refused';
  return (
    <section class="help" data-trouble={trouble.is}>
      <p class="advice">
        {isRefused ? t('home_help_refused', { site, count: trouble.times }) : t('home_help_slow', { site })}
      </p>
      <p class="note">{isRefused ? t('home_help_refused_why') : t('home_help_slow_why')}</p>
      <p class="actions">
        <button type="button" class="again" data-action="help-another-exit" onClick={onAnotherExit}>
          {t('home_help_another_exit')}
        </button>
        {isRefused ? (
          <button type="button" class="again" data-action="help-new-identity" onClick={onNewIdentity}>
            {t('home_help_new_identity')}
          </button>
        ) : null}
        <button type="button" class="again" data-action="help-without" onClick={onToggle}>
          {t('home_help_without')}
        </button>
      </p>
      <ChangeExit />
    </section>
  );
}
