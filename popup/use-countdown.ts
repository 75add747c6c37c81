// Seconds until some moment, drawn anew each second.

import { useEffect, useState } from 'preact/hooks';
import { useShell } from './shell.ts';

const SECOND_MS = 1000;

/** Whole seconds until then, rounded up; 0: now, or nothing is waited for. @param until ms since the epoch */
export function useCountdown(until: number | undefined): number {
  const { now } = useShell();
  const left = (): number => (until === undefined ? 0 : Math.max(0, Math.ceil((until - now()) / SECOND_MS)));
  const [, tick] = useState(0);
  useEffect(() => {
    if (left() === 0) return undefined;
    const timer = setInterval(() => {
      tick((count) => count + 1);
      if (left() === 0) clearInterval(timer);
    }, SECOND_MS);
    return () => clearInterval(timer);
  }, [until]);
  return left();
}
