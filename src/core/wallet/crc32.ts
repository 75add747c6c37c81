// CRC-32 (ISO 3309, as in PNG and gzip). It tells a damaged vault from a wrong password: every change within 32 neighbouring bits is seen.
// It is no protection against anyone: that is the authenticated encryption of what it covers.

const REVERSED_POLYNOMIAL = 0xedb88320;

/** 8 lower-case hexadecimal digits. */
export function crc32(text: string): string {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ REVERSED_POLYNOMIAL : crc >>> 1;
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}
