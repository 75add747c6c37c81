// The settings as a view changes them: what was chosen shows at once, and what the worker says to it stays.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Settings } from '../../src/core/state/settings.ts';
import type { MessageErrorCode } from '../../src/messages/protocol.ts';
import { codeOf } from '../code-of.ts';
import { useIsThere, useShell } from '../shell.ts';

export type UsedSettings = {
  /** Undefined until they have come. */
  settings: Settings | undefined;
  error: MessageErrorCode | undefined;
  /** The last change is in force. */
  saved: boolean;
  change: (change: Partial<Settings>) => void;
};

export function useSettings(): UsedSettings {
  const { ask } = useShell();
  const isThere = useIsThere();
  const [settings, setSettings] = useState<Settings>();
  const [error, setError] = useState<MessageErrorCode>();
  const [saved, setSaved] = useState(false);
  /** An answer that was overtaken by another change is not shown. */
  const changes = useRef(0);

  const read = (): void => {
    ask('settings/read', {}).then(
      (read) => isThere() && setSettings(read),
      (refused: unknown) => isThere() && setError(codeOf(refused)),
    );
  };
  useEffect(read, []);

  const change = (wanted: Partial<Settings>): void => {
    const mine = ++changes.current;
    setSaved(false);
    setError(undefined);
    setSettings((before) => before && { ...before, ...wanted });
    ask('settings/set', { change: wanted }).then(
      (after) => {
        if (!isThere() || mine !== changes.current) return;
        setSettings(after);
        setSaved(true);
      },
      (refused: unknown) => {
        if (!isThere() || mine !== changes.current) return;
        setError(codeOf(refused));
        // What shows is what is.
        read();
      },
    );
  };
  return { settings, error, saved, change };
}
