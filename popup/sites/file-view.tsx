// Rules out to a file and in from one. What a file would change is shown before it does, and one that is wrong anywhere changes nothing.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { SiteError, siteErrorWords } from '../../src/core/state/site-error.ts';
import { merge, type Merge } from '../../src/core/state/site-rules.ts';
import { MAX_SITES_FILE, readSitesFile, SitesFileError, writeSitesFile } from '../../src/core/state/sites-file.ts';
import type { SitesView } from '../../src/messages/protocol.ts';
import { say, t } from '../../src/text/translate.ts';
import { Form, wordsFor } from '../parts.tsx';
import { AskedView } from '../relays/asked-view.tsx';
import { useAction, useIsThere, useShell } from '../shell.ts';
import { hashOf } from '../route.ts';
import { fileErrorWords } from './file-words.ts';
import { Changes } from './changes.tsx';
import type { SitesProps } from './props.ts';

export function SitesFile(): JSX.Element {
  return (
    <AskedView
      {...{ route: 'sites/file', title: t('sites_file_title'), question: 'sites/read' }}
      draw={(view, onView) => (
        <>
          <Save view={view} />
          <BringIn {...{ view, onView }} />
        </>
      )}
    />
  );
}

function Save({ view }: { view: SitesView }): JSX.Element {
  const href = `data:application/json;charset=utf-8,${encodeURIComponent(writeSitesFile(view.rules))}`;
  return (
    <section>
      <p>{t('sites_file_save_note', { count: view.rules.length })}</p>
      <a class="way" href={href} download="conet-sites.json" data-action="save">
        {t('sites_file_save')}
      </a>
    </section>
  );
}

type Wrong = { words: string; more?: string | undefined };

function BringIn({ view, onView }: SitesProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const isThere = useIsThere();
  const pasted = useRef<HTMLTextAreaElement>(null);
  const [wrong, setWrong] = useState<Wrong>();
  const [plan, setPlan] = useState<Merge>();
  const [done, setDone] = useState(false);

  const refuse = (what: Wrong): void => {
    setWrong(what);
    setPlan(undefined);
    pasted.current?.focus();
  };
  const look = (text: string): void => {
    setDone(false);
    const read = planOf(view, text);
    if ('words' in read) {
      refuse(read);
      return;
    }
    setWrong(undefined);
    setPlan(read);
  };
  const choose = (file: File | undefined): void => {
    if (file === undefined) return;
    setDone(false);
    // Before a byte of it is read.
    if (file.size > MAX_SITES_FILE) {
      refuse(fileErrorWords(new SitesFileError('large')));
      return;
    }
    file.text().then(
      (text) => {
        if (!isThere()) return;
        if (pasted.current !== null) pasted.current.value = text;
        look(text);
      },
      () => isThere() && refuse({ words: t('sites_file_unreadable') }),
    );
  };
  const bringIn = ({ added, changed }: Merge): void =>
    run(async () => {
      onView(await ask('sites/import', { rules: [...added, ...changed] }));
      setPlan(undefined);
      setDone(true);
      if (pasted.current !== null) pasted.current.value = '';
    });
  return (
    <>
      <Form {...{ label: t('sites_file_look'), busy, onSubmit: () => look(pasted.current?.value ?? '') }}>
        <p class="field">
          <label for="file">{t('sites_file_choose')}</label>
          <input
            id="file"
            type="file"
            accept=".json,application/json"
            onChange={(event) => choose(event.currentTarget.files?.[0])}
          />
          {/* The browser's dialog can close a popup. */}
          <a class="note" href={`index.html${hashOf('sites/file')}`} target="_blank" rel="noreferrer">
            {t('sites_file_in_tab')}
          </a>
        </p>
        <p class="field">
          <label for="pasted">{t('sites_file_paste')}</label>
          <textarea
            {...{ id: 'pasted', ref: pasted, rows: 4, autoComplete: 'off', autocapitalize: 'off', spellcheck: false }}
            aria-describedby="pasted-note"
            aria-invalid={wrong !== undefined}
            onInput={() => setPlan(undefined)}
          />
          <span class={wrong === undefined ? 'note' : 'note trouble'} id="pasted-note" aria-live="polite">
            <span>{wrong?.words ?? t('sites_file_note')}</span> <span>{wrong?.more ?? ''}</span>
          </span>
        </p>
      </Form>
      {plan === undefined ? null : (
        <Changes plan={plan} busy={busy} error={wordsFor(error)} onBringIn={() => bringIn(plan)} />
      )}
      <p role="status">{done ? t('sites_file_done') : ''}</p>
    </>
  );
}

/** What the file would change, or what is wrong with it. */
function planOf({ rules }: SitesView, text: string): Merge | Wrong {
  try {
    return merge(rules, readSitesFile(text));
  } catch (error) {
    if (error instanceof SitesFileError) return fileErrorWords(error);
    if (error instanceof SiteError) return { words: say(siteErrorWords(error.code)) };
    throw error;
  }
}
