// One more rule: what is typed, read as the worker will read it. What is wrong stands beside the field, and what was typed stays in it.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { SITE_MODES, type SiteMode, type SiteRule } from '../../src/core/routing/site-rule.ts';
import { SiteError, siteErrorWords } from '../../src/core/state/site-error.ts';
import { parseTypedSite, toSiteRule, type TypedSite } from '../../src/core/state/site-rules.ts';
import { say, t } from '../../src/text/translate.ts';
import { Field, Form, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { CountrySelect } from './country-select.tsx';
import { ModeChoice } from './mode-choice.tsx';
import type { SitesProps } from './props.ts';

/** Where a country has no effect, nothing is to be set but these. */
const MODES_WITHOUT = ['always', 'never'] as const;

export function AddRule({ view, onView }: SitesProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const field = useRef<HTMLInputElement>(null);
  const [mode, setMode] = useState<SiteMode>('always');
  const [exit, setExit] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  const [wrongExit, setWrongExit] = useState<string>();
  const [note, setNote] = useState<string>();
  const { exits } = view;

  const add = (): void => {
    const typed = field.current?.value ?? '';
    const read = wordsOrValue(() => parseTypedSite(typed));
    setWrongExit(undefined);
    if (typeof read === 'string') {
      setWrong(read);
      setNote(undefined);
      field.current?.focus();
      return;
    }
    setWrong(undefined);
    // What cannot be set here stays as it was.
    const kept = exits === undefined ? view.rules.find(({ host }) => host === read.host)?.exit : exit;
    const rule = wordsOrValue((): SiteRule => toSiteRule(read.host, mode, mode === 'never' ? undefined : kept));
    if (typeof rule === 'string') {
      setWrongExit(rule);
      return;
    }
    run(async () => {
      onView(await ask('sites/set-rule', rule));
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
      <ModeChoice
        {...{ name: 'new-mode', legend: t('sites_mode'), mode, onMode: setMode }}
        modes={exits === undefined ? MODES_WITHOUT : SITE_MODES}
      />
      {exits === undefined ? null : (
        <p class="field">
          <label for="new-exit">{t('sites_exit')}</label>
          <CountrySelect
            {...{ id: 'new-exit', exit: mode === 'never' ? undefined : exit, known: exits, isFree: true }}
            {...{ disabled: mode === 'never', onExit: setExit }}
            aria-invalid={wrongExit !== undefined}
            aria-describedby="new-exit-note"
          />
          <span class="note trouble" id="new-exit-note" aria-live="polite">
            {wrongExit ?? ''}
          </span>
        </p>
      )}
    </Form>
  );
}

/** What was read, or what is wrong with it. */
function wordsOrValue<T>(read: () => T): T | string {
  try {
    return read();
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
