// Every number that bounds a payee's sessions, with its reason. Used by the files of this folder alone.

/** One peer needs one stream, and for a moment two: a worker that wakes opens another before it knows that the old one is dead. */
export const MAX_STREAMS_PER_CONNECTION = 4;

/** A message that cannot be read is answered this often (docs/protocol/session.md §1). */
export const MAX_UNREADABLE = 8;

/** Messages of one peer: an honest one pays about once a second for what one second brings. */
export const MESSAGE_BURST = 60;
export const MESSAGES_PER_SECOND = 20;

/** `open`, `resync`, `topUp`, `close` and `quoteRequest` of one peer: each has a signature of another key, a question to the chain, or both. */
export const DEAR_BURST = 10;
export const DEAR_PER_SECOND = 0.5;

/** Deposits of one source: each costs the relay a simulation, and gas where it is good. One a minute is more than any person makes. */
export const DEPOSIT_BURST = 3;
export const DEPOSITS_PER_SECOND = 1 / 60;

/** How long a payer that sends too much is not read. It is told, and what it has sent meanwhile waits in its own buffers. */
export const RATE_PAUSE_MS = 1000;

/** Peers and sources of which a rate or an account is kept; those that were quiet longest are forgotten first. Each has about 300 bytes. */
export const MAX_REMEMBERED = 10_000;

/** How long a tunnel waits for credit before it is cut (docs/protocol/session.md, "Lease"). */
export const STALL_LIMIT_MS = 30_000;

/** A stream without a message either way: a worker that is awake pays or closes long before. The lease stays. */
export const STREAM_IDLE_MS = 600_000;

/** What a relay tells a payer to wait when its chain or ledger does not answer. */
export const RETRY_MS = 5000;

/** How far ahead the free quota is taken from the ledger: what a restart of the relay loses of it, 1 part in 50 of a day's. */
export const FREE_STEP = 1_048_576;

/** A quote is made anew at half of its time, so that nobody is given one that ends at once. */
export const QUOTE_VALID_S = 7200;
