// The strong mode of private windows, as the first view of the popup has it (popup/views.tsx): the same switch, here too.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PopupSnapshot } from '../../src/core/state/snapshot.ts';
import { Trouble, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { windowsModel } from '../view-model.ts';
import { Windows } from '../views.tsx';

export function WindowsMode(): JSX.Element | null {
  const { ask, tab } = useShell();
  const { error, run } = useAction();
  const [snapshot, setSnapshot] = useState<PopupSnapshot>();
  useEffect(() => {
    if (tab !== undefined) run(async () => setSnapshot(await ask('tab/read', { tab })));
  }, [tab]);
  if (snapshot === undefined || tab === undefined) return null;
  return (
    <>
      <Windows
        model={windowsModel(snapshot)}
        onSetWindows={(wanted) => run(async () => setSnapshot(await ask('incognito/set', { tab, wanted })))}
        onOpenSettings={() => run(async () => setSnapshot(await ask('incognito/open-settings', { tab })))}
      />
      {error === undefined ? null : <Trouble words={wordsFor(error)} />}
    </>
  );
}
