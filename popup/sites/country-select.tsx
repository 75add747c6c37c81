// The country in which private tabs leave for a site: one of those that exits are known in, or any.

import type { JSX } from 'preact';
import { regionName } from '../../src/text/formats.ts';
import { language, t } from '../../src/text/translate.ts';

export type CountrySelectProps = JSX.IntrinsicElements['select'] & {
  /** Undefined: any. */
  exit: string | undefined;
  known: readonly string[];
  /** Whether any country may be chosen. */
  isFree: boolean;
  onExit: (exit: string | undefined) => void;
};

export function CountrySelect({ exit, known, isFree, onExit, ...rest }: CountrySelectProps): JSX.Element {
  return (
    <select {...rest} value={exit ?? ''} onChange={(event) => onExit(event.currentTarget.value || undefined)}>
      {isFree ? (
        <option value="" selected={exit === undefined}>
          {t('sites_exit_any')}
        </option>
      ) : null}
      {countries(known, exit).map(({ code, name }) => (
        <option key={code} value={code} selected={code === exit}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** By their names. One that was chosen stays, though no exit is known there now. */
function countries(known: readonly string[], exit: string | undefined): { code: string; name: string }[] {
  const collator = new Intl.Collator(language().tag);
  return [...new Set(exit === undefined ? known : [...known, exit])]
    .map((code) => ({ code, name: regionName(code) }))
    .sort((one, other) => collator.compare(one.name, other.name));
}
