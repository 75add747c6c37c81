// Reads what `tcpdump -w -` writes (pcap, https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-06.html) from chunks as they come.
// Pure; no packet is looked into. Called by tap.ts.

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
/** Microseconds, written by a little-endian machine; and its nanosecond sister. */
const MAGIC_US = 0xa1b2c3d4;
const MAGIC_NS = 0xa1b23c4d;
const ETHERNET = 1;

export type Frame = {
  /** ms since the epoch, with fractions. */
  at: number;
  /** The Ethernet frame, as far as it was captured. */
  bytes: Buffer;
};

export function createPcapReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let unread: Buffer = Buffer.alloc(0);
  let perMs: number | undefined;
  return (chunk) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    if (perMs === undefined) {
      if (unread.length < FILE_HEADER_BYTES) return;
      perMs = unitsPerMs(unread);
      unread = unread.subarray(FILE_HEADER_BYTES);
    }
    while (unread.length >= RECORD_HEADER_BYTES) {
      const captured = unread.readUInt32LE(8);
      if (unread.length < RECORD_HEADER_BYTES + captured) return;
      const at = unread.readUInt32LE(0) * 1000 + unread.readUInt32LE(4) / perMs;
      onFrame({ at, bytes: unread.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + captured) });
      unread = unread.subarray(RECORD_HEADER_BYTES + captured);
    }
  };
}

function unitsPerMs(header: Buffer): number {
  const magic = header.readUInt32LE(0);
  if (header.readUInt32LE(20) !== ETHERNET) throw new Error('the capture is not of Ethernet frames');
  if (magic === MAGIC_US) return 1000;
  if (magic === MAGIC_NS) return 1_000_000;
  throw new Error('the capture is not pcap of this machine');
}
