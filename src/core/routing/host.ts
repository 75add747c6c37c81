// Hosts as routing compares them: one grammar and one suffix rule for the decider, the PAC text and the blocking rules.
// Nothing here resolves a name. A text outside the grammar is no host, and what is no host is never sent anywhere.

export type Host = {
  kind: 'name' | 'ipv4' | 'ipv6';
  /** Lower case, without the final dot; IPv6 in brackets. */
  name: string;
  /** The name was written with a final dot, which browsers treat as another host (and Chrome's rules do not match). */
  rooted: boolean;
};

/** RFC 1035 §2.3.4, without the final dot. */
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;

/** The URL parser lets more through, but nothing on the web is named with it; `_` occurs. The dash is last: it is a range elsewhere. */
export const LABEL_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_-';
const LABEL = new RegExp(`^[${LABEL_CHARACTERS}]{1,${MAX_LABEL_LENGTH}}$`);
const IPV6 = /^\[[0-9a-f.]*:[0-9a-f.:]*\]$/;

const NUMBER_LABEL = /^(?:[0-9]+|0x[0-9a-f]*)$/;
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;

/** Reads a host of a URL. Undefined for what is none: empty, not ASCII, too long, or an IPv4 address in another spelling than a.b.c.d. */
export function parseHost(text: string): Host | undefined {
  const lower = text.toLowerCase();
  if (lower.startsWith('[')) return parseIpv6(lower);
  const rooted = lower.endsWith('.');
  const name = rooted ? lower.slice(0, -1) : lower;
  const labels = name.split('.');
  if (name.length > MAX_NAME_LENGTH || !labels.every((label) => LABEL.test(label))) return undefined;
  // "Ends in a number" (WHATWG URL §3.5): such a host is IPv4 or nothing, and the URL parser writes it as a.b.c.d.
  if (!NUMBER_LABEL.test(labels.at(-1) ?? '')) return { kind: 'name', name, rooted };
  return parseOctets(name) === undefined || rooted ? undefined : { kind: 'ipv4', name, rooted };
}

/** The four octets of a canonical dotted address. */
export function parseOctets(name: string): [number, number, number, number] | undefined {
  const [a = '', b = '', c = '', d = '', ...rest] = name.split('.');
  const texts = [a, b, c, d];
  if (rest.length > 0 || !texts.every((text) => OCTET.test(text) && Number(text) <= 255)) return undefined;
  return [Number(a), Number(b), Number(c), Number(d)];
}

/** True where `host` is `domain` or below it: what `requestDomains` of a blocking rule matches. Addresses match only themselves. */
export function isWithin(host: Host, domain: Host): boolean {
  if (host.name === domain.name) return true;
  return host.kind === 'name' && domain.kind === 'name' && host.name.endsWith(`.${domain.name}`);
}

/** True where one is the other, or above or below it. */
export function areRelated(a: Host, b: Host): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

/** The hosts among `texts`; what is none is left out. */
export function parseHosts(texts: readonly string[]): Host[] {
  return texts.map(parseHost).filter((host) => host !== undefined);
}

function parseIpv6(text: string): Host | undefined {
  const url = `http://${text}/`;
  if (!IPV6.test(text) || !URL.canParse(url)) return undefined;
  return { kind: 'ipv6', name: new URL(url).hostname, rooted: false };
}
