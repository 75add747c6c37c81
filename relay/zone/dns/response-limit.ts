// How many answers over UDP go to one network in a second. Whoever asks with another's address in the packet (a reflection attack) reaches that other with no more
// than this; a resolver that is caught in it is told now and then to come over TCP, where its address is proven (as BIND's and NSD's RRL). Pure bookkeeping: networks live in
// memory only, for the seconds until their allowance is whole again.

import ipaddr from 'ipaddr.js';
import { KeyedLimit, type KeyedLimits } from '../../net/keyed-limit.ts';

export type ResponseLimits = KeyedLimits & {
  /** Each so-manieth answer above the limit is a short one with TC; the others are not sent. */
  slip: number;
};

/**
 * A public resolver asks for all the clients behind it, but keeps each answer for a day: a hundred new circuits in a second are more than it ever sees. 100 answers of
 * 200 bytes are 160 kbit/s for whoever is attacked with them. Of two answers above the limit one is sent short: a resolver that asks three times gets through.
 */
export const RESPONSE_LIMITS: ResponseLimits = { burst: 200, perSecond: 100, slip: 2, keys: 20_000 };

export type ResponseVerdict = 'answer' | 'cut' | 'drop';

export class ResponseLimit {
  readonly #slip: number;
  readonly #networks: KeyedLimit;

  constructor(limits: ResponseLimits = RESPONSE_LIMITS) {
    this.#slip = limits.slip;
    this.#networks = new KeyedLimit(limits);
  }

  /** @param now ms, monotone */
  take(address: string, now: number): ResponseVerdict {
    const over = this.#networks.take(networkOf(address), now);
    if (over === 0) return 'answer';
    return over % this.#slip === 0 ? 'cut' : 'drop';
  }
}

/** What one customer, or one attacker, is given: the /24 of IPv4 (mapped into IPv6 as well), the /56 of IPv6 (RFC 6177). */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  if (!ipaddr.isValid(plain)) return 'unknown';
  const parsed = ipaddr.process(plain);
  return parsed
    .toByteArray()
    .slice(0, parsed.kind() === 'ipv4' ? 3 : 7)
    .join('.');
}
