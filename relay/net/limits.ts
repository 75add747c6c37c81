// Every number that bounds libp2p in a relay, with its reason. The defaults of js-libp2p are made for a desktop peer with a few streams;
// a relay has thousands, all of them on one connection to each exit.

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Tunnels on one connection between an entry and an exit. js-libp2p allows 32 in and 64 out of a protocol by default, and one stream more
 * resolves and is then reset. A browser opens a few tunnels for each circuit (Firefox one for each tab), so this is hundreds of clients.
 */
export const MAX_TUNNELS_PER_CONNECTION = 4096;

/** All streams of a connection: the tunnels, and room for ping, identify and the protocols of later issues. */
export const MAX_STREAMS_PER_CONNECTION = MAX_TUNNELS_PER_CONNECTION + 256;

/**
 * Greatest yamux receive window of a stream. One stream moves at most window / round trip: 4 MiB at 100 ms is 40 MB/s. It is also what a
 * stalled tunnel can make a relay hold, and must stay below `MAX_READ_BUFFER`: the default (16 MiB window, 4 MiB buffer) aborts a paused
 * stream as soon as its window has grown.
 */
export const MAX_STREAM_WINDOW = 4 * MIB;

/** A paused stream receives at most the window that was open and the one that was re-opened by `resume()`. */
export const MAX_READ_BUFFER = 2 * MAX_STREAM_WINDOW + 64 * KIB;

/**
 * What the tunnels of one lease without credit may hold together: sixteen that had their windows full, or 250 that had just begun. A stall lasts
 * 30 s at most, and a client that pays in time never has one.
 */
export const MAX_STALLED_BYTES = 64 * MIB;

/** What all leases without credit may hold; beyond it the heaviest lose their tunnels, and those who pay are served on. */
export const MAX_STALLED_BYTES_OF_ALL = 512 * MIB;

/** Whole connections: exits, entries and clients' sessions. Each costs some 100 kB; 300 is the default. */
export const MAX_CONNECTIONS = 10_000;

/**
 * New libp2p connections of one address in a second. The default of 5 refuses the second browser behind a NAT and the third exit of a
 * machine; the listener of tunnels has its own limits for each source.
 */
export const INBOUND_CONNECTIONS_PER_SECOND = 100;

/** Handshakes under way at once; each ends within `UPGRADE_TIMEOUT_MS`. */
export const MAX_PENDING_INBOUND = 1000;

/** Noise and yamux take two round trips; a client on a bad mobile network still makes it. */
export const UPGRADE_TIMEOUT_MS = 10_000;

/** Choosing the protocol of a stream takes one round trip, on a connection that may have megabytes queued before it. */
export const STREAM_NEGOTIATION_TIMEOUT_MS = 10_000;

/** One message of libp2p over WebSocket is at most a noise message (64 KiB and its length); browsers send it in one piece or two. */
export const MAX_WEBSOCKET_MESSAGE = 256 * KIB;

/** Bytes queued on a client's WebSocket before its streams are told to wait. */
export const MAX_WEBSOCKET_QUEUE = 1 * MIB;

/** Between two pings of an entry and an exit. */
export const PING_INTERVAL_MS = 10_000;

/** A ping waits behind what is queued: 4 MiB on a 5 Mbit/s line take 7 s. */
export const PING_TIMEOUT_MS = 15_000;

/** Bytes that wait for a socket between two relays before tunnels are told to wait: two full frames of the bridge, so that one that the system took at once is not waited for. */
export const SOCKET_QUEUE = 512 * KIB;

/** Data connections of one link, those that wait and those with a tunnel: beyond it tunnels share the link. Each is a descriptor at both ends, and one that waits 30 kB at the entry and 50 kB at the exit (measured with 500). */
export const MAX_DATA_CONNECTIONS = 512;
