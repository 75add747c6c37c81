// Every duration of the extension's own work, with its reason. Milliseconds.

/** libp2p to the entry over TLS and WebSocket: five round trips at a second each is a line nobody browses on. */
export const REACH_ENTRY_MS = 8_000;

/** Quote and opening: two questions on the line that is there; with a deposit the relay tries it on the chain before it answers. */
export const LEASE_MS = 10_000;

/** One small request through both hops; the exit answers it itself. */
export const CHECK_MS = 8_000;

/** All attempts of one round, so that a person who waits is told something within it. */
export const ROUND_MS = 40_000;

/** A wake after less than this does not check again: events come in bursts, and each may wake the worker. */
export const CHECK_FRESH_MS = 60_000;

/**
 * How long the circuit in use may take to answer before a spare that has answered takes its place: four round trips of a slow line (200 ms),
 * and mostly the question needs one, on the connection of the question before. A wrong guess costs a reload; none is made when the spare is
 * as silent.
 */
export const PROBE_MS = 800;

/** The person waits for the fastest of the exits that there is a way to: one that has not answered by then is not it. */
export const FASTEST_MS = 2_000;

/** So much earlier than the circuit in use a spare must have answered to take its place. */
export const LEAD_MS = 500;

/**
 * A private page that has not begun to arrive after this makes the worker ask the circuit. With `PROBE_MS` and the load itself it leaves a
 * page that was caught by a frozen relay within 3 s.
 */
export const SLOW_PAGE_MS = 1_000;

/** A page is held this long for a circuit before the person is told that there is none. */
export const HOLD_MS = 3_000;

/**
 * How long the lines to the entries stay when nothing is private any more: whoever ends private browsing often begins again, and a line with its lease takes ten round trips. The browser keeps its own
 * connections to them for some minutes anyway.
 */
export const LINES_STAY_MS = 60_000;

/** A relay that was asked for the directory is left after so long, unless a circuit begins with it by then: a line takes six round trips. */
export const VISIT_STAYS_MS = 10_000;

/**
 * All circuits are asked that often while the worker lives: a frozen relay is found before the person needs it, for 1 kB a minute. Asking also keeps
 * Firefox from ending the background, as it does 30 s after the last event or call of an API (ext-backgroundPage.js): a person who has
 * read a page for a minute does not wait at the next link until there is a new one.
 */
export const BEAT_MS = 25_000;

/** Requests of a page fail in bursts; the circuit is asked once for all of them. */
export const ASK_AGAIN_MS = 3_000;

/**
 * On average so long after the last time another spare takes the place of one that no site goes by; when exactly is drawn. Whoever resolves names for the person, or serves the zone, sees
 * names of exits at such times too, and not at those alone at which the person did something.
 */
export const ROTATE_MS = 30 * 60_000;

/** No spare could be built, or none of other relays: the next attempt. The one in use works meanwhile. */
export const SPARE_RETRY_MS = 60_000;

/** How long a circuit that failed is the last choice: Chrome passes a proxy that failed by for so long itself. */
export const FAILED_MS = 5 * 60_000;

/**
 * When nothing is left of the use of a proxy's name, in a browser that keeps TLS tickets by it: a hostile exit may let them live for seven days
 * (RFC 8446 §4.6.1). They are in memory, as the list of used names is: a restart of the browser ends both.
 */
export const FRESH_NAME_MS = 7 * 24 * 60 * 60_000;

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

/** A whole directory of 10,000 relays is 2.5 MB: 15 s on a slow line, and as much again for it to be busy. */
export const ASK_DIRECTORY_MS = 30_000;

/** Relays come and go by the hour: 5 % are 125 kB. */
export const DIRECTORY_FRESH_MS = 60 * 60_000;

/** One question to a resolver that may have to ask others: resolvers give up after some five seconds themselves. */
export const ASK_NAME_MS = 6_000;

/** Relays that were known once: those that are dead may have used up most of a round before, and the other places to begin wait for them. */
export const ASK_KNOWN_MS = 10_000;

/** Once a relay has answered, the other places to begin have so long to lead to more: a round has 40 s, and the first attempts of it are over. */
export const BEGIN_MORE_MS = 5_000;

/** No relay answered for the directory: the circuits are there meanwhile. */
export const ASK_AGAIN_DIRECTORY_MS = 5 * 60_000;
