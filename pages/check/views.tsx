// The check page's views: a verdict at the top, one line for each check, and what can be done.

import type { JSX } from 'preact';
import type { Evidence, CheckLine } from '../../src/core/report/decide-lines.ts';
import { detailOf, LINES, VERDICT_WORDS } from './words.ts';

export type PageState =
  | { is: 'idle'; anyPrivate: boolean }
  | { is: 'running'; step: string }
  | { is: 'done'; lines: readonly CheckLine[]; evidence: Evidence; canSave: boolean }
  | { is: 'failed'; sentence: string };

export type CheckPageProps = { state: PageState; onCheck: () => void; onSave: () => void };

export function CheckPage({ state, onCheck, onSave }: CheckPageProps): JSX.Element {
  const { headline, sentence, tone } = summary(state);
  return (
    <>
      <header class={tone}>
        <h1>Is it working?</h1>
        <div role="status">
          <p class="headline">{headline}</p>
          <p>{sentence}</p>
        </div>
        <p class="actions">
          <button type="button" disabled={state.is === 'running'} onClick={onCheck}>
            {state.is === 'idle' ? 'Open a private tab and check' : 'Check again'}
          </button>
          {state.is === 'done' && state.canSave ? (
            <button type="button" class="second" onClick={onSave}>
              Save report
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
        <p>
          The check opens a private tab for a moment and asks your own exit from inside of it, without any other server.
          In Chrome, private tabs and other requests to the same place take the same way; in Firefox the tab’s own way
          is what is checked.
        </p>
        <p>
          A saved report holds what you see here, the exit’s signatures and the names of the relays. It holds no address
          of yours and no site.
        </p>
      </footer>
    </>
  );
}

function Line({ line: { id, verdict }, evidence }: { line: CheckLine; evidence: Evidence | undefined }): JSX.Element {
  const { title, meaning } = LINES[id];
  const detail = evidence === undefined ? undefined : detailOf(id, evidence);
  return (
    <li class={verdict} data-line={id} data-verdict={verdict}>
      <span class="verdict">{VERDICT_WORDS[verdict]}</span>
      <h2>{title}</h2>
      <p>{meaning[verdict]}</p>
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
        headline: 'Not checked yet',
        sentence: state.anyPrivate
          ? 'Start the check to see what your private tabs show.'
          : 'No tab is private now, so there is nothing to check. You can open a blank private tab for it.',
        tone: 'unchecked',
      };
    case 'running':
      return { headline: 'Checking', sentence: `${state.step}…`, tone: 'unchecked' };
    case 'failed':
      return { headline: 'Not checked', sentence: state.sentence, tone: 'unchecked' };
    case 'done': {
      const bad = state.lines.filter(({ verdict }) => verdict === 'bad').length;
      if (bad > 0) {
        const found = bad === 1 ? 'One problem was found' : `${bad} problems were found`;
        return { headline: found, sentence: 'The red lines below say what they mean.', tone: 'bad' };
      }
      return state.lines.every(({ verdict }) => verdict === 'good')
        ? { headline: 'It works', sentence: 'Everything that was checked goes through the circuit.', tone: 'good' }
        : { headline: 'No problem was found', sentence: 'Grey lines could not be checked.', tone: 'unchecked' };
    }
  }
}
