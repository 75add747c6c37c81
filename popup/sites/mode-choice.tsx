// Always or never, as two radio buttons.

import type { JSX } from 'preact';
import { SITE_MODES, type SiteMode } from '../../src/core/routing/site-rule.ts';
import { t } from '../../src/text/translate.ts';

export function modeWords(mode: SiteMode): string {
  return mode === 'always' ? t('sites_always') : t('sites_never');
}

export type ModeChoiceProps = { name: string; legend: string; mode: SiteMode; onMode: (mode: SiteMode) => void };

export function ModeChoice({ name, legend, mode, onMode }: ModeChoiceProps): JSX.Element {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {SITE_MODES.map((each) => (
        <label key={each}>
          <input type="radio" name={name} value={each} checked={mode === each} onChange={() => onMode(each)} />
          {modeWords(each)}
        </label>
      ))}
    </fieldset>
  );
}
