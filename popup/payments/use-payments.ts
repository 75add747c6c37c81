// What the worker says of payments, asked again while a view of them is open: nothing pushes it, and a deposit changes by itself as blocks come.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { PaymentStatus } from '../../src/core/payment/payment-status.ts';
import type { MessageErrorCode } from '../../src/messages/protocol.ts';
import { codeOf } from '../code-of.ts';
import { useIsThere, useShell } from '../shell.ts';

/** About a block of the chains that there are: oftener shows nothing new. */
const ASK_EVERY_MS = 2_000;

export type Payments = {
  status: PaymentStatus | undefined;
  error: MessageErrorCode | undefined;
  /** Asks at once. */
  refresh: () => Promise<void>;
  /** From now on the balance may be asked for past the circuit. */
  allowDirect: () => void;
  isDirect: boolean;
};

/** @param isWanted false: nothing is asked, and the state stays undefined */
export function usePayments(isWanted: boolean): Payments {
  const { ask, tab } = useShell();
  const isThere = useIsThere();
  const [state, setState] = useState<Pick<Payments, 'status' | 'error'>>({ status: undefined, error: undefined });
  const [isDirect, setDirect] = useState(false);
  /** Counts questions: an answer that was overtaken is not shown. */
  const asked = useRef(0);

  const refresh = async (): Promise<void> => {
    const question = ++asked.current;
    const isLast = (): boolean => isThere() && question === asked.current;
    try {
      const status = await ask('payments/status', { tab: tab ?? 0, direct: isDirect });
      if (isLast()) setState({ status, error: undefined });
    } catch (error) {
      if (isLast()) setState((before) => ({ ...before, error: codeOf(error) }));
    }
  };
  useEffect(() => {
    if (!isWanted) return undefined;
    void refresh();
    const timer = setInterval(() => void refresh(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isWanted, isDirect, tab]);
  return { ...state, refresh, isDirect, allowDirect: () => setDirect(true) };
}
