// The check page's views: a verdict at the top, one line for each check, and what can be done.

import type { JSX } from 'preact';
import type { Evidence, CheckLine } from '../../src/core/report/decide-lines.ts';
import type { Text } from '../../src/core/text/text.ts';
import { say, t } from '../../src/text/translate.ts';
import { detailOf, LINES, VERDICTS } from './words.ts';

export type PageState =
  | { is: 'idle'; anyPrivate: boolean }
  | { is: 'running'; step: Text }
  | { is: 'done'; lines: readonly CheckLine[]; evidence: Evidence; canSave: boolean }
  | { is: 'failed'; sentence: Text };

export type CheckPageProps = { state: PageState; onCheck: () => void; onSave: () => void };

export function CheckPage({ state, onCheck, onSave }: CheckPageProps): JSX.Element {
  const { headline, sentence, tone } = summary(state);
  return (
    <>
      <header class={tone}>
        <h1>{t('check_title')}</h1>
        <div role="status">
          <p class="headline">{headline}</p>
          <p>{sentence}</p>
        </div>
        <p class="actions">
          <button type="button" disabled={state.is === 'running'} onClick={onCheck}>
            {t(state.is === 'idle' ? 'check_open' : 'check_again')}
          </button>
          {state.is === 'done' && state.canSave ? (
            <button type="button" class="second" onClick={onSave}>
              {t('check_save')}
            </button>
          ) : null}
        </p>
      </header>
      <ul class="lines">
        {linesOf(state).map((line) => (
          <Line key={line.id} line={line} evidence={state.is === 'done' ? state.evidence : undefined} />
        ))}
      </ul>
      <footer>
        <p>{t('check_how')}</p>
        <p>{t('check_report')}</p>
      </footer>
    </>
  );
}

function Line({ line: { id, verdict }, evidence }: { line: CheckLine; evidence: Evidence | undefined }): JSX.Element {
  const { title, meaning } = LINES[id];
  const detail = evidence === undefined ? undefined : detailOf(id, evidence);
  return (
    <li class={verdict} data-line={id} data-verdict={verdict}>
      <span class="verdict">{t(VERDICTS[verdict])}</span>
      <h2>{t(title)}</h2>
      <p>{t(meaning[verdict])}</p>
      {detail === undefined ? null : <p class="detail">{detail}</p>}
    </li>
  );
}

function linesOf(state: PageState): readonly CheckLine[] {
  if (state.is === 'done') return state.lines;
  return (Object.keys(LINES) as CheckLine['id'][]).map((id) => ({ id, verdict: 'unchecked' }));
}

function summary(state: PageState): { headline: string; sentence: string; tone: CheckLine['verdict'] } {
  switch (state.is) {
    case 'idle':
      return {
        headline: t('check_idle'),
        sentence: t(state.anyPrivate ? 'check_idle_some' : 'check_idle_none'),
        tone: 'unchecked',
      };
    case 'running':
      return { headline: t('check_running'), sentence: say(state.step), tone: 'unchecked' };
    case 'failed':
      return { headline: t('check_failed'), sentence: say(state.sentence), tone: 'unchecked' };
    case 'done': {
      const count = state.lines.filter(({ verdict }) => verdict === 'bad').length;
      if (count > 0) return { headline: t('check_bad', { count }), sentence: t('check_bad_means'), tone: 'bad' };
      return state.lines.every(({ verdict }) => verdict === 'good')
        ? { headline: t('check_good'), sentence: t('check_good_means'), tone: 'good' }
        : { headline: t('check_partly'), sentence: t('check_partly_means'), tone: 'unchecked' };
    }
  }
}
