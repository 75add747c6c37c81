// Deposits of this wallet that this browser does not know: looked for on the chain, a month at a time, and what came of it, without promising more than was seen.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FindReport, PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { Button, Trouble, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { showTime, WORDS } from './words.ts';

const W = WORDS.find;

export type FindProps = { status: PaymentStatus; refresh: () => Promise<void> };

export function Find({ refresh }: FindProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const [report, setReport] = useState<FindReport>();
  const look = (direct: boolean, further: boolean) => (): void =>
    run(async () => {
      setReport(await ask('payments/find-channels', { direct, further }));
      await refresh();
    });
  const isUncovered = error === 'payment-no-circuit';
  const canGoOn = report !== undefined && !report.isAll;
  return (
    <View route="wallet/find" title={W.title}>
      <p>{W.about}</p>
      <p class="note">{W.seen}</p>
      <Button action="look" busy={busy} onClick={look(false, canGoOn)}>
        {canGoOn ? W.further : W.look}
      </Button>
      {isUncovered ? (
        <Button action="look-directly" busy={busy} onClick={look(true, canGoOn)}>
          {W.direct}
        </Button>
      ) : null}
      <p role="status">{busy ? W.looking : ''}</p>
      {report === undefined ? null : <Report report={report} />}
      <Trouble words={wordsFor(error)} />
    </View>
  );
}

function Report({ report: { found, known, since, isAll, asked, answered } }: { report: FindReport }): JSX.Element {
  return (
    <div class="report">
      <p>
        <strong>{found === 0 ? W.none : W.found(found)}</strong> {known === 0 ? '' : W.known(known)}
      </p>
      <p class="note">{isAll ? W.all : W.since(showTime(since))}</p>
      {answered < asked ? <p class="advice">{W.silent(answered, asked)}</p> : null}
      {asked === 1 ? <p class="note">{W.one}</p> : null}
      {found === 0 ? null : <Way to="wallet">{W.there}</Way>}
    </div>
  );
}
