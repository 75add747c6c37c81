// What the views of the wallet are made of: a view with its way back, a form, fields with a label, a button. They keep no secret: what is typed
// stays in the field itself, until whoever reads it takes it out.

import type { ComponentChildren, JSX, RefObject, TargetedInputEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isSiteErrorCode, siteErrorWords } from '../src/core/state/site-error.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';
import { say } from '../src/text/translate.ts';
import { hashOf, parentOf, type Route, type ScreenRoute } from './route.ts';
import { PARTS } from './wallet/words.ts';
import { ERROR_WORDS } from './words.ts';

export type ViewProps = { route: ScreenRoute; title: string; children: ComponentChildren };

/** One view: its title takes the focus where no field does, so that a screen reader says where one is. */
export function View({ route, title, children }: ViewProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) heading.current?.focus();
  }, [title]);
  return (
    <article class="card wallet" data-view={route}>
      <header>
        <a class="back" href={hashOf(parentOf(route))}>
          {PARTS.back}
        </a>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </header>
      {children}
    </article>
  );
}

export type FormProps = {
  /** Of the button. */
  label: string;
  busy: boolean;
  error?: string | undefined;
  /** The button waits for something else. */
  blocked?: boolean;
  onSubmit: () => void;
  children?: ComponentChildren;
};

export function Form({ label, busy, error, blocked, onSubmit, children }: FormProps): JSX.Element {
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy && blocked !== true) onSubmit();
  };
  return (
    <form noValidate autoComplete="off" aria-busy={busy} onSubmit={submit}>
      {children}
      <Trouble words={error} />
      <button type="submit" class="main" disabled={busy || blocked === true}>
        {label}
      </button>
    </form>
  );
}

/** Has its line whether there is anything to say or not, so that nothing moves. */
export function Trouble({ words }: { words: string | undefined }): JSX.Element {
  return (
    <p class="trouble" role="alert">
      {words ?? ''}
    </p>
  );
}

export function wordsFor(error: MessageErrorCode | undefined): string | undefined {
  if (error === undefined) return undefined;
  return isSiteErrorCode(error) ? say(siteErrorWords(error)) : ERROR_WORDS[error];
}

export type FieldRef = RefObject<HTMLInputElement | null>;

export type FieldProps = {
  name: string;
  label: string;
  field: FieldRef;
  type?: 'text' | 'password';
  value?: string;
  note?: string;
  /** What is wrong with what was typed. */
  error?: string | undefined;
  first?: boolean;
  inputMode?: 'decimal';
  onInput?: (value: string) => void;
};

/** Never filled in or kept by the browser, nor sent to a spelling service. */
export function Field({ name, label, field, type, note, error, first, value, ...rest }: FieldProps): JSX.Element {
  useEffect(() => {
    if (first === true) field.current?.focus();
  }, []);
  const said = error ?? note;
  const noteId = said === undefined ? undefined : `${name}-note`;
  const common = {
    ...{ id: name, name, ref: field, spellcheck: false, autocapitalize: 'off' as const, 'aria-describedby': noteId },
    'aria-invalid': error !== undefined,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => rest.onInput?.(event.currentTarget.value),
  };
  return (
    <p class="field">
      <label for={name}>{label}</label>
      {type === 'password' ? (
        <input {...common} type="password" autoComplete="new-password" />
      ) : (
        <input {...common} type="text" autoComplete="off" defaultValue={value} inputMode={rest.inputMode} />
      )}
      {said === undefined ? null : (
        <span class={error === undefined ? 'note' : 'note trouble'} id={noteId} aria-live="polite">
          {said}
        </span>
      )}
    </p>
  );
}

/** Takes what was typed out of the field: a password is read once. */
export function take(field: FieldRef): string {
  const input = field.current;
  if (input === null) return '';
  const { value } = input;
  input.value = '';
  return value;
}

export type ButtonProps = { action: string; busy?: boolean; onClick: () => void; children: ComponentChildren };

export function Button({ action, busy, onClick, children }: ButtonProps): JSX.Element {
  return (
    <button type="button" class="again" data-action={action} disabled={busy === true} onClick={onClick}>
      {children}
    </button>
  );
}

export function Way({ to, children }: { to: Route; children: ComponentChildren }): JSX.Element {
  return (
    <a class="way" href={hashOf(to)}>
      {children}
    </a>
  );
}
