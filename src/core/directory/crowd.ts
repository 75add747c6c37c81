// How many relays of one hand a directory takes. Descriptors cost their maker nothing: without bounds one machine fills everybody's directory, and nobody new gets in. The payee
// is proven, by its signature; operator and addresses are words, by which anyone could crowd out somebody else, so they bind those alone for whom no bond stands in the registry.

import ipaddr from 'ipaddr.js';
import type { RelayDescriptor } from './descriptor.ts';

export type Place = { descriptor: RelayDescriptor; vouched: boolean };

/** The largest families of Tor have some hundred relays of 8,000; a circuit takes one of a family, so more of them help nobody. */
const MAX_OF_PAYEE = 200;
const MAX_OF_OPERATOR = 200;
/** Of a /24 of IPv4 and a /48 of IPv6, what a hosting company gives to one customer. */
const MAX_OF_NETWORK = 32;
/** Without a bond, in parts of all places: the rest stays free for those who have one. */
const UNVOUCHED_SHARE = 0.5;

export class Crowd {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  /** @param limit places of the directory */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether there is a place for it. @param instead what goes for it */
  takes(one: Place, instead?: Place): boolean {
    const left = new Set(instead === undefined ? [] : groupsOf(instead).map(([name]) => name));
    return groupsOf(one).every(
      ([name, most = Math.ceil(UNVOUCHED_SHARE * this.#limit)]) =>
        (this.#counts.get(name) ?? 0) - (left.has(name) ? 1 : 0) < most,
    );
  }

  add(one: Place): void {
    for (const [name] of groupsOf(one)) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  remove(one: Place): void {
    for (const [name] of groupsOf(one)) {
      const left = (this.#counts.get(name) ?? 0) - 1;
      if (left > 0) this.#counts.set(name, left);
      else this.#counts.delete(name);
    }
  }
}

/** Each name once, and how many of it there may be; without a number: the part of all that needs no bond. */
function groupsOf({ descriptor, vouched }: Place): (readonly [name: string, most?: number])[] {
  const payee = [`payee ${descriptor.payee}`, MAX_OF_PAYEE] as const;
  if (vouched) return [payee];
  const { operator, entry, exit, zone } = descriptor;
  const addresses = [...(entry?.addresses ?? []), ...(exit?.addresses ?? []), ...(zone?.addresses ?? [])];
  const networks = [...new Set(addresses.map(networkOf))];
  return [
    payee,
    ['unvouched'],
    [`operator ${operator}`, MAX_OF_OPERATOR],
    ...networks.map((network) => [`network ${network}`, MAX_OF_NETWORK] as const),
  ];
}

function networkOf(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray();
  return bytes.slice(0, bytes.length === 4 ? 3 : 6).join('.');
}
