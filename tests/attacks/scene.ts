// The relays that are attacked and the site behind them: one entry and one exit, each a process of the daemon.

import type { Origin } from '../support/exit-origin.ts';
import { circuitName } from '../support/relay-client.ts';
import { createRelayBench, libp2pAddress, tunnelsPort, type RelayProcess } from '../support/relay-process.ts';
import { startPatternOrigin } from '../soak/origin.ts';
import { sample, type Sample } from '../soak/samples.ts';
import type { Circuit } from '../soak/tunnel.ts';
import type { Target } from './target.ts';

export type Scene = {
  circuit: Circuit;
  target: Target;
  origin: Origin;
  /** Entry, then exit. Rejects where one has ended. */
  look(): Promise<[Sample, Sample]>;
  close(): Promise<void>;
};

const OPERATIONS = { operations: { listen: '127.0.0.1:0' } };

export async function openScene(): Promise<Scene> {
  const bench = await createRelayBench();
  const origin = await startPatternOrigin({ address: '127.0.2.45' });
  const entry = await bench.startEntry(OPERATIONS);
  const exit = await bench.startExit([libp2pAddress(entry)], { destinations: { allow: ['127.0.2.0/24'] } }, OPERATIONS);
  await entry.event('entry-exit-connected');
  const address = libp2pAddress(entry);
  const [, host = '', port] = /\/ip4\/([^/]+)\/tcp\/(\d+)/.exec(address) ?? [];
  const look = (relay: RelayProcess): Promise<Sample> => sample(relay.name, relay, 0);
  return {
    circuit: { entry, exit, ca: bench.ca.certificate },
    origin,
    target: {
      ...{ tunnels: tunnelsPort(entry), libp2p: { host, port: Number(port) }, address },
      ...{ serverName: circuitName(exit), ca: bench.ca.certificate, authority: origin.authority },
    },
    look: () => Promise.all([look(entry), look(exit)]),
    close: async () => {
      await bench.clean();
      await origin.stop();
    },
  };
}
