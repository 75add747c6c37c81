// Where relays may be, by what strangers say: at addresses of the Internet. One that names an address of the person's own network would have the browser knock there. On chains for development, whose
// relays are on the developer's machine, anywhere.

import ipaddr from 'ipaddr.js';
import type { RelayDescriptor } from './descriptor.ts';

/** Of development chains, as everybody has it. */
const DEVELOPMENT_CHAIN = 31_337;

export function isReachable(address: string, chainId: number): boolean {
  return chainId === DEVELOPMENT_CHAIN || (ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast');
}

/** An exit's addresses are dialled by nobody. */
export function isReachableRelay({ entry, chainId }: RelayDescriptor): boolean {
  return (entry?.addresses ?? []).every((address) => isReachable(address, chainId));
}
