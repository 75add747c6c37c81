// Deposits of this wallet that this browser does not know: looked for on the chain, a month at a time, and what came of it, without promising more than was seen.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FindReport, PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { t } from '../../src/text/translate.ts';
import { Button, Trouble, View, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { showTime } from '../times.ts';

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
    <View route="wallet/find" title={t('pay_find_title')}>
      <p>{t('pay_find_about')}</p>
      <p class="note">{t('pay_find_seen')}</p>
      <Button action="look" busy={busy} onClick={look(false, canGoOn)}>
        {canGoOn ? t('pay_find_further') : t('pay_find_look')}
      </Button>
      {isUncovered ? (
        <Button action="look-directly" busy={busy} onClick={look(true, canGoOn)}>
          {t('pay_find_direct')}
        </Button>
      ) : null}
      <p role="status">{busy ? t('pay_find_looking') : ''}</p>
      {report === undefined ? null : <Report report={report} />}
      <Trouble words={wordsFor(error)} />
    </View>
  );
}

function Report({ report: { found, known, since, isAll, asked, answered } }: { report: FindReport }): JSX.Element {
  return (
    <div class="report">
      <p>
        <strong>{t('pay_find_found', { count: found })}</strong>{' '}
        {known === 0 ? '' : t('pay_find_known', { count: known })}
      </p>
      <p class="note">{isAll ? t('pay_find_all') : t('pay_find_since', { time: showTime(since) })}</p>
      {answered < asked ? <p class="advice">{t('pay_find_silent', { answered, asked })}</p> : null}
      {asked === 1 ? <p class="note">{t('pay_find_one')}</p> : null}
      {found === 0 ? null : <Way to="wallet">{t('pay_find_there')}</Way>}
    </div>
  );
}
