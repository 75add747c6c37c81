// The tunnel protocol between entry and exit: its name and the one byte that answers a new stream (docs/protocol/tunnel.md).
// Both ends of the relay read it here, so that they cannot drift.

/** One stream of this protocol carries one TCP connection of a browser, entry -> exit. */
export const TUNNEL_PROTOCOL = '/conet/tunnel/1.0.0';

/**
 * First byte from the exit on every stream. The entry sends nothing before it: a stream that libp2p resolves may still be one that the
 * other side resets (limits of streams), and bytes sent before its handler listens have no flow control.
 */
export const TUNNEL_STATUS = {
  /** Bytes of the browser may follow, in both directions, until each side ends its half. */
  accepted: 0,
  /** The exit is shutting down. Another exit should be chosen. */
  draining: 1,
  /** The exit cannot take the tunnel now: its proxy cannot be reached. */
  unavailable: 2,
  /** The entry's channel with this exit has no credit. */
  unpaid: 3,
  /** The exit has no room for another tunnel: those that run go on. Another exit should be chosen. */
  busy: 4,
} as const;

export type TunnelStatus = (typeof TUNNEL_STATUS)[keyof typeof TUNNEL_STATUS];

/** What a byte means; undefined for a byte that this version does not know, which is a refusal. */
export function parseTunnelStatus(byte: number | undefined): keyof typeof TUNNEL_STATUS | undefined {
  const names = Object.keys(TUNNEL_STATUS) as (keyof typeof TUNNEL_STATUS)[];
  return names.find((name) => TUNNEL_STATUS[name] === byte);
}
