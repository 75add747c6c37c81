// The popup's views: each draws a part of the view-model and reports what was clicked.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { HopModel, ViewModel } from './view-model.ts';

export type PopupProps = { model: ViewModel; onToggle: () => void; onTryAgain: () => void };

export function Popup({ model, onToggle, onTryAgain }: PopupProps): JSX.Element {
  return (
    <article class={`card ${model.tone}`} data-tone={model.tone}>
      <Switch {...model.toggle} onToggle={onToggle} />
      <section aria-live="polite">
        <h1>{model.headline}</h1>
        <p>{model.sentence}</p>
        {model.advice === undefined ? null : <p class="advice">{model.advice}</p>}
        {model.canTryAgain ? (
          <button type="button" class="again" onClick={onTryAgain}>
            Try again now
          </button>
        ) : null}
      </section>
      {model.hops.length > 0 ? <CircuitView hops={model.hops} /> : null}
      {model.scope === '' ? null : <p class="scope">{model.scope}</p>}
    </article>
  );
}

type SwitchProps = ViewModel['toggle'] & { onToggle: () => void };

/** A button: Enter and Space work by themselves. It takes the focus, so that opening the popup and pressing Space is enough. */
function Switch({ on, enabled, label, onToggle }: SwitchProps): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  // Again when it becomes usable: a disabled button cannot hold the focus.
  useEffect(() => button.current?.focus(), [enabled]);
  return (
    <button
      ref={button}
      type="button"
      role="switch"
      class="switch"
      aria-checked={on}
      aria-label={label}
      title={label}
      disabled={!enabled}
      onClick={onToggle}
    >
      <span class="knob" />
    </button>
  );
}

function CircuitView({ hops }: { hops: HopModel[] }): JSX.Element {
  return (
    <ol class="circuit" aria-label="The way of this tab's traffic">
      {hops.map((hop) => (
        <li key={hop.role} class={hop.lit ? 'hop lit' : 'hop'}>
          <span class="role">{hop.role}</span>
          <span class="name" title={hop.name}>
            {hop.name}
          </span>
          {hop.place === undefined ? null : <span class="place">{hop.place}</span>}
        </li>
      ))}
    </ol>
  );
}
