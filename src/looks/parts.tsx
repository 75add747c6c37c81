// The parts of parts.css that are more than an element with a class, for popup and pages. They hold no state and know no words: both are passed in.

import type { ComponentChildren, JSX } from 'preact';

export type SwitchProps = { label: string; on: boolean; disabled?: boolean; onToggle: () => void; id?: string };

/** For a setting: its words stand beside it, and belong to it. */
export function SettingSwitch({ label, on, disabled, onToggle, id }: SwitchProps): JSX.Element {
  const name = id ?? `switch-${label}`;
  return (
    <div class="row">
      <label for={name}>{label}</label>
      <button
        {...{ id: name, type: 'button', role: 'switch', class: 'switch small', disabled: disabled === true }}
        aria-checked={on}
        onClick={onToggle}
      >
        <span class="knob" />
      </button>
    </div>
  );
}

/** `warn`: to mind; `error`: to mend, and read out at once; `good`: it worked. */
export function Notice({
  kind,
  children,
}: {
  kind: 'info' | 'warn' | 'error' | 'good';
  children: ComponentChildren;
}): JSX.Element {
  return (
    <p class={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </p>
  );
}

export type ChoiceProps<T extends string> = {
  name: string;
  legend: string;
  options: readonly { value: T; label: string }[];
  chosen: T;
  onChoose: (value: T) => void;
};

/** A few, of which one is chosen. */
export function Choice<T extends string>({ name, legend, options, chosen, onChoose }: ChoiceProps<T>): JSX.Element {
  return (
    <div class="field">
      <span id={`${name}-legend`}>{legend}</span>
      <div class="choice" role="radiogroup" aria-labelledby={`${name}-legend`}>
        {options.map(({ value, label }) => (
          <label key={value}>
            <input type="radio" {...{ name, value, checked: value === chosen }} onChange={() => onChoose(value)} />
            {label}
          </label>
        ))}
      </div>
    </div>
  );
}

/** @param words how much it is, for whoever reads; the bar repeats it. @param share 0 to 1; undefined: nobody knows yet */
export function Meter({
  label,
  words,
  share,
}: {
  label: string;
  words: string;
  share: number | undefined;
}): JSX.Element {
  return (
    <div class="meter">
      <div class="row">
        <span>{label}</span>
        <span class="value">{words}</span>
      </div>
      <progress aria-label={label} max={1} value={share} />
    </div>
  );
}

export function Tag({
  kind,
  children,
}: {
  kind?: 'good' | 'warn' | 'error';
  children: ComponentChildren;
}): JSX.Element {
  return <span class={kind === undefined ? 'tag' : `tag ${kind}`}>{children}</span>;
}

/** @param value what is known of it; @param action a button or a link */
export function Row({
  name,
  value,
  action,
}: {
  name: string;
  value?: string;
  action?: ComponentChildren;
}): JSX.Element {
  return (
    <li class="row">
      <span>{name}</span>
      {value === undefined ? null : <span class="value">{value}</span>}
      {action}
    </li>
  );
}
