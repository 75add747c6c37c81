// One of several values, and one that is on or off, each with its label: what the settings are made of.

import type { JSX } from 'preact';

export type Option = { value: string; words: string; lang?: string };

export type ChoiceProps = {
  name: string;
  label: string;
  value: string;
  options: readonly Option[];
  note?: string;
  onChange: (value: string) => void;
};

export function Choice({ name, label, value, options, note, onChange }: ChoiceProps): JSX.Element {
  const noteId = note === undefined ? undefined : `${name}-note`;
  return (
    <p class="field">
      <label for={name}>{label}</label>
      <select
        {...{ id: name, name, value, 'aria-describedby': noteId }}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map(({ value: each, words, lang }) => (
          <option key={each} value={each} lang={lang} selected={each === value}>
            {words}
          </option>
        ))}
      </select>
      {note === undefined ? null : (
        <span class="note" id={noteId}>
          {note}
        </span>
      )}
    </p>
  );
}

export type TickProps = { name: string; label: string; on: boolean; note?: string; onChange: (on: boolean) => void };

export function Tick({ name, label, on, note, onChange }: TickProps): JSX.Element {
  const noteId = note === undefined ? undefined : `${name}-note`;
  return (
    <p class="field">
      <label>
        <input
          {...{ type: 'checkbox', name, checked: on, 'aria-describedby': noteId }}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        {label}
      </label>
      {note === undefined ? null : (
        <span class="note" id={noteId}>
          {note}
        </span>
      )}
    </p>
  );
}
