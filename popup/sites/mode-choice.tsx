// What a rule says of a site, as radio buttons.

import type { JSX } from 'preact';
import type { SiteMode } from '../../src/core/routing/site-rule.ts';
import { t } from '../../src/text/translate.ts';

export function modeWords(mode: SiteMode): string {
  switch (mode) {
    case 'always':
      return t('sites_always');
    case 'never':
      return t('sites_never');
    case 'exit':
      return t('sites_exit_only');
  }
}

export type ModeChoiceProps = {
  name: string;
  legend: string;
  modes: readonly SiteMode[];
  mode: SiteMode;
  onMode: (mode: SiteMode) => void;
};

export function ModeChoice({ name, legend, modes, mode, onMode }: ModeChoiceProps): JSX.Element {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {modes.map((each) => (
        <label key={each}>
          <input type="radio" name={name} value={each} checked={mode === each} onChange={() => onMode(each)} />
          {modeWords(each)}
        </label>
      ))}
    </fieldset>
  );
}
