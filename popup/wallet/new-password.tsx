// Two fields for a new password and a hint of how strong it is. What is typed stays in the fields until `take` reads it, once.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { passwordStrength } from '../../src/core/wallet/password.ts';
import { Field, take, type FieldRef } from '../parts.tsx';
import { WORDS } from './words.ts';

export type NewPassword = {
  fields: { one: FieldRef; two: FieldRef };
  /** The password, and empty fields; undefined where the two differ, which keeps them. */
  take: () => string | undefined;
};

export function useNewPassword(): NewPassword {
  const one = useRef<HTMLInputElement>(null);
  const two = useRef<HTMLInputElement>(null);
  return {
    fields: { one, two },
    take: () => {
      if (one.current?.value !== two.current?.value) return undefined;
      take(two);
      return take(one);
    },
  };
}

export function NewPasswordFields({ one, two, first }: NewPassword['fields'] & { first?: boolean }): JSX.Element {
  const [hint, setHint] = useState<string>(WORDS.passwordRule);
  const look = (password: string): void =>
    setHint(password === '' ? WORDS.passwordRule : passwordStrength(password).words);
  return (
    <>
      <Field
        {...{ name: 'new-password', label: WORDS.newPassword, type: 'password', field: one, note: hint }}
        {...{ onInput: look, first: first === true }}
      />
      <Field {...{ name: 'new-password-again', label: WORDS.again, type: 'password', field: two }} />
    </>
  );
}
