// Every number of the exit's proxy, each with its reason. Times are in milliseconds, sizes in bytes.

/** Above the 1,000 of the design: Chrome opens no second connection to a proxy and counts idle tunnels (measured). */
export const MAX_STREAMS = 2_000;

/**
 * What one stream may send before the exit has passed it on: 10 MB/s up at a round trip of 100 ms. It is also the most that an
 * unread upload holds in memory. nghttp2 sizes the connection's window by itself, since Node gives bytes back as they arrive.
 */
export const STREAM_WINDOW = 1024 * 1024;

/** The connection's window in the receiving direction: never the narrow one when a few streams upload at once. */
export const CONNECTION_WINDOW = 16 * 1024 * 1024;

/** nghttp2's own memory for one connection, in megabytes: with 8 kB of cookies a request, Node's 10 refuses the 1,128th stream (measured). */
export const SESSION_MEMORY_MB = 128;

/** Real sites send cookies past Node's 16 kB; Chrome stops at 256 kB. Holds for the header section of both sides. */
export const MAX_HEADER_SIZE = 64 * 1024;

/** Field lines of one header section; browsers stay under 50, and split cookies count one each. */
export const MAX_HEADER_COUNT = 512;

/**
 * Rapid reset (CVE-2023-44487): a burst, then so many a second; past it nghttp2 ends the connection. A closed tab resets every stream it
 * had open, so the burst is that of a full connection.
 */
export const RESET_BURST = MAX_STREAMS;
export const RESETS_PER_SECOND = 100;

/** Pings and settings of a session, each of which has to be answered: browsers send one settings frame, and pings when a connection has been quiet. */
export const QUESTION_BURST = 100;
export const QUESTIONS_PER_SECOND = 10;

/** Requests of one session that are begun in one turn of the event loop, which takes some ms where an exit is busy; each takes half a ms. */
export const SERVED_IN_A_TURN = 8;

/** Requests that are reset before their turn, which for a browser is soon: some when a tab is closed while its page begins. */
export const UNSERVED_BURST = 100;
export const UNSERVED_PER_SECOND = 10;

/** Header sections that were refused unread: of a site with cookies past all limits, once and again. One of 5 kB can stand for 4 MB (HPACK), a millisecond of the exit's time. */
export const REJECTED_BURST = 1;
export const REJECTED_PER_SECOND = 0.1;
/** Where browsers begin to count their streams: Firefox at 3, since 1 is for an upgrade, and at 15 where `network.http.http2.enabled.deps` gives it groups of priorities. */
export const FIRST_STREAMS: readonly number[] = [1, 3, 15];
/** How often it is looked whether the event loop is behind, and from what on it is: then sessions are looked through for such sections, a microsecond each. */
export const BEHIND_LOOK_MS = 10;
export const BEHIND_MS = 5;
/** Those of new connections, while one brings much, are looked through however the event loop stands, and not more often than that: some hundred of them at once, a tenth of a ms. */
export const YOUNG_MS = 2_000;
export const YOUNG_LOOK_MS = 0.2;

/** Unanswered pings and entries of one SETTINGS frame; Node's own defaults, written down because they are a guard. */
export const MAX_OUTSTANDING_PINGS = 10;
export const MAX_SETTINGS_ENTRIES = 32;

/** Between the first byte of a tunnel and the end of its handshake. Two hops of bad mobile network fit in. */
export const TLS_HANDSHAKE_MS = 15_000;

/** A request's header section; a browser sends it in one go. */
export const REQUEST_HEADERS_MS = 30_000;

/** A connection without a request: Chrome and Firefox keep theirs for 5 minutes and 2 minutes. */
export const IDLE_CONNECTION_MS = 300_000;

/** For a client of HTTP/1.1 whose tunnel was refused to read why, and to hang up. */
export const REFUSED_LINGER_MS = 15_000;

/** Who has streams and said nothing for that long is asked whether it is there; an answer takes a round trip, and this is as long as TCP repeats itself on a bad line. */
export const PING_ANSWER_MS = 15_000;

/** All of resolving: c-ares asks `DNS_TRIES` times, waiting `DNS_QUERY_MS` first and longer after. */
export const RESOLVE_MS = 8_000;
export const DNS_QUERY_MS = 2_000;
export const DNS_TRIES = 3;

/** RFC 8305 §3: how long the second family is waited for once the first has answered. */
export const RESOLUTION_DELAY_MS = 50;

/** RFC 8305 §5: the next address is tried after this, while the earlier attempts go on. */
export const CONNECTION_ATTEMPT_DELAY_MS = 250;

/** All attempts together. Browsers give up a direct connection after 4 minutes; people do long before. */
export const CONNECT_MS = 20_000;

/** More addresses than this in one answer are not tried: the answer is chosen by a stranger. */
export const MAX_ADDRESSES = 16;

/** From a request sent in full to the origin's header section. Long polls answer within 2 minutes. */
export const RESPONSE_HEADERS_MS = 180_000;

/** Finds origins that vanished without a word; a tunnel that is only idle lives on. */
export const KEEPALIVE_PROBE_MS = 60_000;

/** Transfers of a speed test on one connection: two make a test, and a person looks at some of them in a row. Then one in ten seconds, which is 20 Mbit/s. */
export const SPEED_BURST = 8;
export const SPEEDS_PER_SECOND = 0.1;

/** Circuit checks of one connection: a burst for a browser that opens many tabs at once, then a steady rate. */
export const CHECK_BURST = 20;
export const CHECKS_PER_SECOND = 2;

/**
 * After an exit has said that it ends (GOAWAY, no new tunnels): requests in tunnels that were under way by then, and came a round trip of two hops later. They were answered 503 before,
 * which is an error page where another exit, or a new process of this one, would have served.
 */
export const LAST_REQUESTS_MS = 1000;
