// Whether traffic should be sent to a relay, and why not. Pure. What is not known is not ready. Asked by the operations server and for the metrics.

export type ReadinessFacts = {
  /** Everything that the configuration asks for is there. */
  started: boolean;
  draining: boolean;
  /** Ends of the certificates' validity, ms since the epoch. */
  certificates: readonly { role: 'entry' | 'exit'; notAfter: number }[];
  /** Entries that this exit is connected to; missing for a relay that is none. */
  entriesConnected?: number;
};

/** In the answer of /readyz, a line each. Others wait for these: add, never rename. */
export type UnreadyReason = 'starting' | 'draining' | 'certificate-expired' | 'no-link-to-an-entry';

/** Empty where it is ready. @param now ms since the epoch */
export function unreadyReasons(facts: ReadinessFacts, now: number): UnreadyReason[] {
  const { started, draining, certificates, entriesConnected } = facts;
  return [
    ...(started ? [] : (['starting'] as const)),
    ...(draining ? (['draining'] as const) : []),
    ...(certificates.some(({ notAfter }) => !(notAfter > now)) ? (['certificate-expired'] as const) : []),
    ...(entriesConnected === 0 ? (['no-link-to-an-entry'] as const) : []),
  ];
}
