// Every duration of the extension's own work, with its reason. Milliseconds.

/** libp2p to the entry over TLS and WebSocket: five round trips at a second each is a line nobody browses on. */
export const REACH_ENTRY_MS = 8_000;

/** One small request through both hops; the exit answers it itself. */
export const CHECK_MS = 8_000;

/** All attempts of one round, so that a person who waits is told something within it. */
export const ROUND_MS = 40_000;

/** A wake after less than this does not check again: events come in bursts, and each may wake the worker. */
export const CHECK_FRESH_MS = 60_000;

/** First wait after a failed round; doubles up to the longest. */
export const RETRY_FIRST_MS = 5_000;
export const RETRY_LONGEST_MS = 5 * 60_000;

/** How far ahead of the clock the set of direct hosts is kept: a dead worker decays to "all through the circuit" by then. */
export const DIRECT_AHEAD_MS = 5 * 60_000;

/** Moved on when less than this is left. Two alarms fit, so that one that comes late does no harm. */
export const DIRECT_RENEW_MS = 3 * 60_000;

/** The browser refused the policy, or somebody else holds the proxy: both may mend themselves unseen. */
export const STEERING_RETRY_MS = 30_000;

/** Session restore goes on creating tabs after the worker has started; new tabs are taken for restored ones that long. */
export const RESTORE_MS = 10_000;

/**
 * How long after a private tab was closed it may still ask for something: browsers end keepalive requests of a closed page after 30 s at
 * most (Fetch, "in-flight keepalive"), and a worker after the same idle time. A browser that still lives then was not quitting either.
 */
export const LINGER_MS = 30_000;
