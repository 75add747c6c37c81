// Whether DNS leads from the relay's own name to its public addresses: without it no browser gets there. Asked of the system's name server, as a client's would be, or of one
// that is named. Used by relay/cli/check.ts.

import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { formatCircuitName, type PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { wrong, type Finding } from './finding.ts';

/** Each of two tries. */
const TIMEOUT_MS = 3000;

export type NameCheckInit = {
  peer: PeerLabel;
  zone: string;
  addresses: readonly string[];
  /** `address:port`; undefined: the system's. */
  server: string | undefined;
};

export async function checkName(
  { peer, zone, addresses, server }: NameCheckInit,
  signal: AbortSignal,
): Promise<Finding[]> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  if (server !== undefined) resolver.setServers([server]);
  signal.addEventListener('abort', () => resolver.cancel());
  const found = await Promise.all(
    addresses.map(async (address) => {
      const name = formatCircuitName({ address, peer, zone });
      try {
        const answers = isIPv6(address) ? await resolver.resolve6(name) : await resolver.resolve4(name);
        if (answers.some((answer) => ipaddr.parse(answer).toString() === ipaddr.parse(address).toString())) return [];
        return [
          wrong(
            `${name}: DNS leads to ${answers.slice(0, 3).join(', ')}; is the zone ${zone} one that answers names like this?`,
          ),
        ];
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
        return [wrong(`${name}: DNS has no address for it (${code}); is ${zone} delegated, and do its servers run?`)];
      }
    }),
  );
  return found.flat();
}
