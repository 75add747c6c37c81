// What private tabs carry and cost: now, by day, by tab and by relay. Asked each second while it is open; the worker knows numbers only, and titles are the browser's.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ActivityView } from '../../src/core/activity/activity-view.ts';
import type { MessageErrorCode } from '../../src/messages/protocol.ts';
import { t } from '../../src/text/translate.ts';
import { codeOf } from '../code-of.ts';
import { Trouble, View, wordsFor } from '../parts.tsx';
import { useIsThere, useShell } from '../shell.ts';
import { Days } from './days.tsx';
import { Hops } from './hops.tsx';
import { Speed } from './speed.tsx';
import { Now } from './now.tsx';
import { Tabs } from './tabs.tsx';

/** A plot of seconds. */
const ASK_EVERY_MS = 1_000;

export function ActivityScreen(): JSX.Element {
  const { ask } = useShell();
  const isThere = useIsThere();
  const [view, setView] = useState<ActivityView>();
  const [error, setError] = useState<MessageErrorCode>();
  useEffect(() => {
    const read = (): void => {
      ask('activity/read', {}).then(
        (answer) => {
          if (!isThere()) return;
          setView(answer);
          setError(undefined);
        },
        (refused: unknown) => isThere() && setError(codeOf(refused)),
      );
    };
    read();
    const timer = setInterval(read, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <View route="activity" title={t('activity_title')}>
      <p class="note">{t('activity_about')}</p>
      <Trouble words={wordsFor(error)} />
      {view === undefined ? null : (
        <>
          <Now seconds={view.seconds} />
          <Speed view={view} onSpeed={(speed) => setView({ ...view, speed })} />
          <Days view={view} onView={setView} />
          <Tabs view={view} />
          <Hops view={view} />
        </>
      )}
    </View>
  );
}
