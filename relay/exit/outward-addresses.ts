// Which addresses an exit may say that sites see it under. Pure; called by proxy.ts. It claims nothing that it cannot know.

import ipaddr from 'ipaddr.js';
import type { CircuitStatement } from '../../src/core/circuit/circuit-statement.ts';

/** Addresses that a connection keeps on its way to a site. Behind any other (10.0.0.5, say) a NAT puts one that the exit never sees. */
const KEPT = new Set<string>(['unicast', 'loopback']);

/** @param source what outgoing connections are bound to; undefined: the system chooses, so nobody here knows */
export function outwardAddresses(source: string | undefined): Pick<CircuitStatement, 'source4' | 'source6'> {
  if (source === undefined || !ipaddr.isValid(source)) return { source4: undefined, source6: undefined };
  const address = ipaddr.process(source);
  const kept = KEPT.has(address.range()) ? address.toString() : undefined;
  return address.kind() === 'ipv4' ? { source4: kept, source6: undefined } : { source4: undefined, source6: kept };
}
