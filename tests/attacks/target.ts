// Whom an attack is on: what anybody may know who uses these relays. Plain data, so that an attacker can be a process of its own.

export type Target = {
  /** Where browsers connect. */
  tunnels: { host: string; port: number };
  /** Where relays connect. */
  libp2p: { host: string; port: number };
  /** The entry's address for libp2p, with its peer id. */
  address: string;
  /** The name that leads to the exit. */
  serverName: string;
  ca: string;
  /** A site that echoes, sends and takes (tests/soak/origin.ts). */
  authority: string;
};

/** Goes on until the signal, then has closed what it opened. */
export type Attack = (target: Target, signal: AbortSignal) => Promise<void>;
