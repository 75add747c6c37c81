// All block lists in force, asked for each destination: the reason of the first that has it. Names and networks are looked up by their parts, so that a long list costs no more than a short
// one. Pure; used by relay/exit/destinations.ts.

import ipaddr from 'ipaddr.js';
import type { BlockList } from './block-list.ts';

export class BlockLists {
  readonly #names = new Map<string, string>();
  /** By family and length in bits: the first bytes of a network, and why. */
  readonly #networks = new Map<string, { bits: number; reasons: Map<string, string> }>();

  constructor(lists: readonly BlockList[] = []) {
    for (const { reason, names, networks } of lists) {
      for (const name of names) if (!this.#names.has(name)) this.#names.set(name, reason);
      for (const network of networks) this.#add(network, reason);
    }
  }

  get size(): number {
    let sum = this.#names.size;
    for (const { reasons } of this.#networks.values()) sum += reasons.size;
    return sum;
  }

  /** Why this name, or one above it, is not served. @param name lower case, without the final dot */
  reasonOfName(name: string): string | undefined {
    for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) {
      const reason = this.#names.get(rest);
      if (reason !== undefined) return reason;
      if (!rest.includes('.')) return undefined;
    }
    return undefined;
  }

  /** Why this address is not served. An IPv4 address is the same however it is written. */
  reasonOfAddress(text: string): string | undefined {
    if (this.#networks.size === 0 || !ipaddr.isValid(text)) return undefined;
    const address = ipaddr.process(text);
    const found = this.#reasonOf(address);
    if (found !== undefined || address.kind() === 'ipv4') return found;
    // Behind NAT64 (RFC 6052) stands the IPv4 address of the last four bytes.
    const bytes = address.toByteArray();
    const isNat64 = bytes.slice(0, 12).join('.') === '0.100.255.155.0.0.0.0.0.0.0.0';
    return isNat64 ? this.#reasonOf(new ipaddr.IPv4(bytes.slice(12))) : undefined;
  }

  #reasonOf(address: ipaddr.IPv4 | ipaddr.IPv6): string | undefined {
    for (const [key, { bits, reasons }] of this.#networks) {
      if (!key.startsWith(address.kind())) continue;
      const reason = reasons.get(firstBits(address, bits));
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #add(network: string, reason: string): void {
    let [address, bits] = ipaddr.parseCIDR(network);
    // An IPv4-mapped network (RFC 4291 §2.5.5.2) is that of IPv4.
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96) {
      address = address.toIPv4Address();
      bits -= 96;
    }
    const key = `${address.kind()}/${bits}`;
    const known = this.#networks.get(key) ?? { bits, reasons: new Map<string, string>() };
    this.#networks.set(key, known);
    const first = firstBits(address, bits);
    if (!known.reasons.has(first)) known.reasons.set(first, reason);
  }
}

function firstBits(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number): string {
  const bytes = address.toByteArray().slice(0, Math.ceil(bits / 8));
  const last = bytes.at(-1);
  if (bits % 8 !== 0 && last !== undefined) bytes[bytes.length - 1] = last & (0xff << (8 - (bits % 8)));
  return bytes.join('.');
}
