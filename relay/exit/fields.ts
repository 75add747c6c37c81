// Header fields on their way through the exit: what concerns one hop only is taken out, nothing is ever put in (no Via, Forwarded,
// X-Forwarded-For: they would tell the site of the circuit). Order and spelling stay the sender's. Pure; called by forward.ts.

export type Field = readonly [name: string, value: string];

/** RFC 9110 §7.6.1, and HTTP2-Settings of the upgrade that RFC 9113 removed. Framing is written anew by the next hop's own codec. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'host',
  'expect',
]);

/** Naming these in Connection would change what a message means rather than who reads it. */
const NOT_BY_NAMING = new Set(['content-length', 'content-encoding', 'content-type', 'content-range', 'authorization']);

/** Never in a trailer section (RFC 9110 §6.5.1): framing, routing, authentication, content form. */
const NOT_IN_TRAILERS = new Set([
  ...['content-length', 'content-encoding', 'content-type', 'content-range', 'trailer', 'set-cookie', 'cookie'],
  ...['authorization', 'www-authenticate', 'cache-control', 'max-forwards', 'location', 'date', 'age'],
]);

/** Pairs from the flat list that Node gives as rawHeaders. */
export function toFields(raw: readonly string[]): Field[] {
  return Array.from({ length: raw.length >> 1 }, (_, index) => [raw[2 * index] ?? '', raw[2 * index + 1] ?? '']);
}

/** The flat list that Node's writers take. */
export function flatten(fields: readonly Field[]): string[] {
  return fields.flat();
}

/** A list of pairs that Node's trailer writer may keep. */
export function copy(fields: readonly Field[]): [name: string, value: string][] {
  return fields.map(([name, value]) => [name, value]);
}

/** What may go on to the next hop. Host and Expect are left out too: who forwards decides about them. */
export function endToEnd(fields: readonly Field[]): Field[] {
  const named = new Set(
    fields
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.split(',').map((token) => token.trim().toLowerCase()))
      .filter((name) => !NOT_BY_NAMING.has(name)),
  );
  return fields.filter(([name]) => {
    const lower = name.toLowerCase();
    return !HOP_BY_HOP.has(lower) && !lower.startsWith('proxy-') && !named.has(lower);
  });
}

/** What may go on of a trailer section. */
export function endToEndTrailers(fields: readonly Field[]): Field[] {
  return endToEnd(fields).filter(([name]) => !NOT_IN_TRAILERS.has(name.toLowerCase()));
}

/** The first value of a field, by its lower-case name. */
export function valueOf(fields: readonly Field[], wanted: string): string | undefined {
  return fields.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** HTTP/2 may split Cookie; HTTP/1.1 may not (RFC 9113 §8.2.3). The one field stands where the first crumb stood. */
export function joinCookies(fields: readonly Field[]): Field[] {
  const isCookie = ([name]: Field): boolean => name.toLowerCase() === 'cookie';
  const crumbs = fields.filter(isCookie);
  if (crumbs.length < 2) return [...fields];
  const first = fields.findIndex(isCookie);
  const joined: Field = ['cookie', crumbs.map(([, value]) => value).join('; ')];
  return fields.flatMap((field, index) => (index === first ? [joined] : isCookie(field) ? [] : [field]));
}
