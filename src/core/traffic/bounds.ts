// What may have passed where the browser does not say it. Each bound is generous: an entry that counts right is never to be accused, and one that counts
// wrong is caught where the sizes are known (docs/decisions/0028). Used by request-count.ts and traffic-count.ts.

/**
 * Beside the body: both heads, frames, and the handshakes of a tunnel that is opened for it alone. Measured: 0.12 kB where the connection was there, 15.8 kB for
 * a request that opened its own (TLS to the exit, TLS to the site).
 */
export const REQUEST_BYTES = 16 * 1024;

/**
 * Of a body, what TLS and HTTP/2 add on both ways: measured 0.46 %, and 1.5 % where a site sends records of 4 KiB. In `most` from the beginning on: a long download is
 * judged many times, and what its first stretches had in frames would be missing in the last one.
 */
export const withFrames = (bytes: number): number => bytes + Math.ceil(bytes / 50);

/** Bytes in a ms, of anything whose size is not known: 8 Gbit/s, five times what two relays on one machine carry to a browser (bench). */
export const FASTEST = 1_000_000;

/** The same of a stream of events (`text/event-stream`): text for a person, which pages keep open for hours. 8 Mbit/s. */
export const FASTEST_EVENTS = 1_000;

/** What may still come of a request that was given up: windows of the browser and of two relays, which are 4 to 6 MiB each. */
export const ON_ITS_WAY = 16 * 1024 * 1024;

/**
 * Bytes in a ms that no event tells of: what a browser asks for itself, connections opened ahead, WebSocket pings. Measured in a second of an idle page: under 1 kB.
 */
export const UNSEEN = 16;
