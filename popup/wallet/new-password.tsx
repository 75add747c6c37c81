// Two fields for a new password and a hint of how strong it is. What is typed stays in the fields until `take` reads it, once.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { PASSWORD_CHARACTERS, passwordStrength } from '../../src/core/wallet/password.ts';
import { say, t } from '../../src/text/translate.ts';
import { Field, take, type FieldRef } from '../parts.tsx';

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
  const rule = t('wallet_password_rule', { count: PASSWORD_CHARACTERS });
  const [hint, setHint] = useState(rule);
  const look = (password: string): void => setHint(password === '' ? rule : say(passwordStrength(password).said));
  return (
    <>
      <Field
        {...{ name: 'new-password', label: t('wallet_password_new'), type: 'password', field: one, note: hint }}
        {...{ onInput: look, first: first === true }}
      />
      <Field {...{ name: 'new-password-again', label: t('wallet_password_again'), type: 'password', field: two }} />
    </>
  );
}
