// One more rule: what is typed, read as the worker will read it. What is wrong stands beside the field, and what was typed stays in it.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { SiteMode } from '../../src/core/routing/site-rule.ts';
import { SiteError, siteErrorWords } from '../../src/core/state/site-error.ts';
import { parseTypedSite, type TypedSite } from '../../src/core/state/site-rules.ts';
import { say, t } from '../../src/text/translate.ts';
import { Field, Form, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { ModeChoice } from './mode-choice.tsx';
import type { SitesProps } from './props.ts';

export function AddRule({ onView }: SitesProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const field = useRef<HTMLInputElement>(null);
  const [mode, setMode] = useState<SiteMode>('always');
  const [wrong, setWrong] = useState<string>();
  const [note, setNote] = useState<string>();
  const add = (): void => {
    const typed = field.current?.value ?? '';
    const read = readSite(typed);
    if (typeof read === 'string') {
      setWrong(read);
      setNote(undefined);
      field.current?.focus();
      return;
    }
    setWrong(undefined);
    run(async () => {
      onView(await ask('sites/set-rule', { host: read.host, mode }));
      setNote(noteOf(read, typed));
      if (field.current !== null) field.current.value = '';
    });
  };
  return (
    <Form {...{ label: t('sites_add'), busy, error: wordsFor(error), onSubmit: add }}>
      <Field
        {...{ name: 'site', label: t('sites_field'), field, note: note ?? t('sites_field_note'), error: wrong }}
        onInput={() => setWrong(undefined)}
      />
      <ModeChoice {...{ name: 'new-mode', legend: t('sites_mode'), mode, onMode: setMode }} />
    </Form>
  );
}

/** The site, or what is wrong with what was typed. */
function readSite(typed: string): TypedSite | string {
  try {
    return parseTypedSite(typed);
  } catch (error) {
    if (error instanceof SiteError) return say(siteErrorWords(error.code));
    throw error;
  }
}

/** What became of what was typed, where the rule is for something else than its letters. */
function noteOf({ host, isSpelt, isShortened }: TypedSite, typed: string): string {
  if (isSpelt) return t('sites_spelt', { typed: typed.trim(), site: host });
  return isShortened ? t('sites_shortened', { site: host }) : t('sites_saved', { site: host });
}
