// Whom the fuzzer speaks to: what anybody may know who reaches these relays, and for the ports of their operators what a program beside them knows. Plain data, so that the fuzzer is a process of its own.

export type Place = { host: string; port: number };

export type FuzzTarget = {
  /** An entry that asks for no lease, and an exit behind it. */
  entry: {
    tunnels: Place;
    libp2p: Place;
    /** Multiaddr with the peer id. */
    address: string;
    /** Of the entry itself. */
    ownName: string;
    operations: Place;
    contact: Place;
    /** Unix socket. */
    status: string;
  };
  exit: {
    /** The circuit's name, and the one at which the exit answers for this circuit. */
    name: string;
    at: string;
    operations: Place;
  };
  /** A relay that is paid, as an entry by clients and as an exit by entries, and that serves a zone. */
  paid: {
    address: string;
    /** The same by WebSocket on its own name, as clients come. */
    webAddress: string;
    dns: Place;
    registration: Place;
    operations: Place;
  };
  zone: { domain: string; registrationName: string };
  /** A site that sends and takes (tests/soak/origin.ts). */
  authority: string;
  ca: string;
};
