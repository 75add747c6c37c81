// A list of things to tick, each with how many relays it stands for. What an operator or a relay said is drawn as text.

import type { JSX } from 'preact';
import type { Counted } from '../../src/core/circuit/relays-view.ts';
import { language, t } from '../../src/text/translate.ts';

export type ChoicesProps = {
  name: string;
  legend: string;
  /** Those that there are; one that is ticked and not among them is shown with none. */
  all: readonly Counted[];
  ticked: ReadonlySet<string>;
  onChange: (ticked: ReadonlySet<string>) => void;
  nameOf?: (name: string) => string;
  /** A box that stands for no choice at all. */
  anywhere?: boolean;
};

export function Choices({ name, legend, all, ticked, onChange, nameOf, anywhere }: ChoicesProps): JSX.Element {
  const show = nameOf ?? ((each: string) => each);
  const gone = [...ticked].filter((each) => !all.some((known) => known.name === each));
  const rows = [...all, ...gone.map((each) => ({ name: each, relays: 0 }))].map((row) => ({
    ...row,
    shown: show(row.name),
  }));
  rows.sort((one, other) => one.shown.localeCompare(other.shown, language().tag));
  const tick = (each: string, on: boolean): void => {
    const others = [...ticked].filter((other) => other !== each);
    onChange(new Set(on ? [...others, each] : others));
  };
  return (
    <fieldset class="choices">
      <legend>{legend}</legend>
      {anywhere === true ? (
        <label>
          <input
            type="checkbox"
            name={`${name}-anywhere`}
            checked={ticked.size === 0}
            onChange={() => onChange(new Set())}
          />
          {t('relays_anywhere')}
        </label>
      ) : null}
      {rows.map((row) => (
        <label key={row.name} title={row.name}>
          <input
            type="checkbox"
            name={name}
            value={row.name}
            checked={ticked.has(row.name)}
            onChange={(event) => tick(row.name, event.currentTarget.checked)}
          />
          {t('relays_counted', { name: row.shown, count: row.relays })}
        </label>
      ))}
    </fieldset>
  );
}
