// What counts the bytes of tunnels and says when they have to wait. The session's accounts implement it (relay/session); leases hand it to the
// tunnels of a client (relay/entry/leases.ts), and the exit to those of an entry (relay/exit/exit.ts). Those who copy bytes ask it.

/** One per payer (a lease at the entry, a link at the exit), shared by all its tunnels: the same object for as long as it is the same payer. */
export type TunnelMeter = {
  /**
   * Bytes that passed, seen from the payer: `up` is what it sends. Returns whether more may pass now; with 0 bytes it is the question alone.
   * Called for each chunk, from a few hundred bytes to 256 KiB, up to some 10,000 times a second: it must not wait for anything.
   */
  pass(direction: 'up' | 'down', bytes: number): boolean;
  /** Resolves true when more may pass, false when the tunnels are to be cut (30 s without credit, or the payer is gone). Never rejects. */
  wait(): Promise<boolean>;
};

/** Whether a new tunnel may begin; waits where others wait. */
export async function hasCredit(meter: TunnelMeter): Promise<boolean> {
  return meter.pass('up', 0) || meter.wait();
}
