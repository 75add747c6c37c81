// How the name of the proxy is spelt for one isolation key. Letter case means nothing to DNS (RFC 4343) nor in SNI (RFC 6066 §3), but Firefox keeps TLS
// sessions by the text of the name: without a spelling of its own, a private tab offers an exit the tickets that another tab was given, and
// a hostile exit knows that both are one person's (measured on ESR 153; the connection itself is kept apart by the key). Chrome partitions both.

/** FNV-1a, 32 bits. It need not resist anybody: the key holds a random part, and two keys of one hash only share what all would share without. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** @param name lower case; @returns the same name in an upper and lower case that follows from the key */
export function spellFor(name: string, key: string): string {
  let state = FNV_OFFSET;
  const next = (byte: number): number => (state = Math.imul(state ^ byte, FNV_PRIME) >>> 0);
  for (const character of key) next(character.codePointAt(0) ?? 0);
  // The highest bit: the lowest ones of FNV have short periods.
  return Array.from(name, (character, index) => (next(index) >>> 31 === 1 ? character.toUpperCase() : character)).join(
    '',
  );
}
