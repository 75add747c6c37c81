// A first private tab: opened blank and behind this page, made private, and shown when it is green. In Firefox the browser may have to be asked first.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { regionName } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';
import type { PopupSnapshot } from '../../src/core/state/snapshot.ts';
import { Button, Trouble, wordsFor } from '../parts.tsx';
import { useAction, useIsThere, useShell } from '../shell.ts';
import { toViewModel } from '../view-model.ts';

/** What the browser still has to be told. `windows`: Firefox lets no extension set a proxy that may not run in private windows. */
type Missing = 'nothing' | 'sites' | 'windows';

export function TryIt(): JSX.Element {
  const { ask, host, tab: own } = useShell();
  const { busy, error, run } = useAction();
  const isThere = useIsThere();
  const [missing, setMissing] = useState<Missing>('nothing');
  const [opened, setOpened] = useState<number>();
  const [noTab, setNoTab] = useState(false);
  const [snapshot, setSnapshot] = useState<PopupSnapshot>();

  const look = async (): Promise<void> => {
    const isSeeing = await host.hasSites();
    const isAllowed = !host.isFirefox || own === undefined || (await ask('tab/read', { tab: own })).incognito.isAllowed;
    if (isThere()) setMissing(!isSeeing ? 'sites' : isAllowed ? 'nothing' : 'windows');
  };
  useEffect(() => {
    // Again when the person comes back from the browser's settings.
    const again = (): void => void look().catch(() => undefined);
    again();
    addEventListener('focus', again);
    return () => removeEventListener('focus', again);
  }, [own]);
  useEffect(() => (opened === undefined ? undefined : host.watch(opened, setSnapshot)), [opened]);

  const open = (): void =>
    run(async () => {
      setNoTab(false);
      const tab = await host.openBlank();
      if (tab === undefined) {
        setNoTab(true);
        return;
      }
      setOpened(tab);
      await ask('tab/set-private', { tab, wanted: true });
    });
  const allow = (): void =>
    // In the click itself, or Firefox does not ask.
    run(async () => {
      await host.askForSites();
      await look();
    });

  if (missing === 'windows') return <p class="advice">{t('first_try_windows')}</p>;
  if (missing === 'sites')
    return (
      <>
        <p>{t('first_try_permission')}</p>
        <p>
          <Button action="allow-sites" busy={busy} onClick={allow}>
            {t('first_try_allow')}
          </Button>
        </p>
      </>
    );
  return (
    <>
      <p>{t('first_try_about')}</p>
      {opened === undefined ? (
        <p>
          <button type="button" class="main" data-action="try" disabled={busy} onClick={open}>
            {t('first_try_do')}
          </button>
        </p>
      ) : (
        <>
          <p role="status" data-state={snapshot?.status.is}>
            {said(snapshot)}
          </p>
          {snapshot?.status.is === 'private' ? (
            <p class="ways">
              <button type="button" class="main" data-action="go" onClick={() => run(() => host.show(opened))}>
                {t('first_try_go')}
              </button>
              <a class="way" href="/pages/check/index.html" target="_blank" rel="noreferrer">
                {t('first_try_see')}
              </a>
            </p>
          ) : null}
        </>
      )}
      <Trouble words={noTab ? t('first_try_failed') : wordsFor(error)} />
      <p class="note">{t('first_try_anytime')}</p>
    </>
  );
}

function said(snapshot: PopupSnapshot | undefined): string {
  if (snapshot?.status.is === 'private' && snapshot.circuit !== undefined) {
    const { operator, region } = snapshot.circuit.exit;
    return t('first_try_green', { operator, region: regionName(region) });
  }
  if (snapshot?.status.is === 'blocked') {
    const { sentence } = toViewModel({ snapshot, wanted: undefined, error: undefined });
    return t('first_try_blocked', { why: sentence });
  }
  return t('first_try_connecting');
}
