// The check page's entry point: starts the checks when asked, or at once when some tab is private already, and saves the report.

import { render } from 'preact';
import { REPORT_FORMAT, type CheckReport } from '../../src/core/report/check-report.ts';
import { decideLines } from '../../src/core/report/decide-lines.ts';
import { text, type Text } from '../../src/core/text/text.ts';
import { browser } from '../../src/platform/browser.ts';
import { send } from '../../src/platform/messaging.ts';
import { onPageSettings, openPage } from '../../src/platform/page-settings.ts';
import { openProbeTab } from '../../src/platform/probe-tab.ts';
import { speak } from '../../src/text/speak.ts';
import { runCheck } from './run-check.ts';
import { CheckPage, type PageState } from './views.tsx';

let state: PageState = { is: 'idle', anyPrivate: false };
let report: CheckReport | undefined;

function show(next: PageState): void {
  state = next;
  const root = document.getElementById('check');
  if (root !== null) render(<CheckPage state={state} onCheck={() => void check()} onSave={save} />, root);
}

async function check(): Promise<void> {
  if (state.is === 'running') return;
  const { version } = browser.runtime.getManifest();
  const step = (said: Text): void => show({ is: 'running', step: said });
  step(text('check_step_start'));
  try {
    const outcome = await runCheck({ send, openProbeTab, extension: version }, step);
    if (outcome.is === 'not-private') {
      show({ is: 'failed', sentence: outcome.sentence });
      return;
    }
    report = outcome.report;
    const { evidence } = outcome;
    show({ is: 'done', lines: decideLines(evidence), evidence, canSave: report !== undefined });
  } catch {
    show({ is: 'failed', sentence: text('check_unfinished') });
  }
}

function save(): void {
  if (report === undefined) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(report, null, 2)}\n`], { type: 'application/json' }));
  link.download = `${REPORT_FORMAT.replaceAll(' ', '-')}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function open(): Promise<void> {
  speak(await openPage(), document, 'check_title');
  onPageSettings((catalog) => {
    speak(catalog, document, 'check_title');
    show(state);
  });
  show(state);
  const tab = (await browser.tabs.getCurrent()) as { id?: number } | undefined;
  if (tab?.id === undefined) return;
  const { privateTabs } = await send('tab/read', { tab: tab.id });
  if (state.is !== 'idle') return;
  show({ is: 'idle', anyPrivate: privateTabs > 0 });
  if (privateTabs > 0) await check();
}

void open();
