// Draws the page's model. The headline takes the focus when it changes to something that the person has to decide.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { HeldAction, HeldModel } from './view-model.ts';

export type HeldPageProps = { model: HeldModel; onAction: (type: HeldAction) => void };

export function HeldPage({ model, onAction }: HeldPageProps): JSX.Element {
  const headline = useRef<HTMLHeadingElement>(null);
  const { busy } = model;
  useEffect(() => {
    if (!busy) headline.current?.focus();
  }, [busy]);
  return (
    <article aria-busy={busy}>
      {busy ? <div class="spinner" aria-hidden="true" /> : null}
      <div role="status" aria-live="polite">
        <h1 ref={headline} tabIndex={-1}>
          {model.headline}
        </h1>
        {model.sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        {model.safe === undefined ? null : <p class="safe">{model.safe}</p>}
      </div>
      {model.actions.length === 0 ? null : (
        <div class="actions">
          {model.actions.map(({ type, label }, index) => (
            <button
              key={type}
              type="button"
              class={index === 0 ? 'first' : ''}
              data-action={type}
              onClick={() => onAction(type)}
            >
              {label}
            </button>
          ))}
        </div>
      )}
    </article>
  );
}
