// The relays of a soak: two entries and two exits, each a process of the daemon. One of each is never restarted, and what is said about memory is said of these; the others are ended and started
// again, in order (SIGTERM) or not (SIGKILL).

import { createRelayBench, libp2pAddress, type RelayProcess } from '../support/relay-process.ts';
import type { Random } from '../chaos/kills/random.ts';
import type { Circuit } from './tunnel.ts';

export type SoakRelay = {
  name: string;
  role: 'entry' | 'exit';
  /** Never restarted. */
  steady: boolean;
  process: RelayProcess;
  /** Changes with each restart, when it begins and when it is over. */
  epoch: number;
  isDown: boolean;
};

export type SoakRelays = {
  all: readonly SoakRelay[];
  draw(random: Random): { circuit: Circuit; undisturbed: () => boolean };
  /** Restarts one of those that may be; resolves when its circuits can be had again. */
  restart(random: Random): Promise<string>;
  clean(): Promise<void>;
};

/** Sites are on this network. */
const DESTINATIONS = { destinations: { allow: ['127.0.2.0/24'] } };

/** @param drainSeconds what a relay that is ended in order gives its tunnels */
export async function startSoakRelays(drainSeconds = 5): Promise<SoakRelays> {
  const settings = { operations: { listen: '127.0.0.1:0' }, drainSeconds };
  // All clients and exits are one address here.
  const atEntry = { ...settings, limits: { newPerSecond: { source: 1000, prefix: 1000 } } };
  const bench = await createRelayBench();
  try {
    const make = (role: 'entry' | 'exit', steady: boolean, process: RelayProcess): SoakRelay => ({
      ...{ name: `${role}-${steady ? 'steady' : 'restarted'}`, role, steady, process },
      ...{ epoch: 0, isDown: false },
    });
    const [one, other] = await Promise.all([bench.startEntry(atEntry), bench.startEntry(atEntry)]);
    const entries = [make('entry', true, one), make('entry', false, other)];
    const addresses = entries.map(({ process }) => libp2pAddress(process));
    const startExit = (): Promise<RelayProcess> => bench.startExit(addresses, DESTINATIONS, settings);
    const [first, second] = await Promise.all([startExit(), startExit()]);
    const exits = [make('exit', true, first), make('exit', false, second)];
    const all = [...entries, ...exits];
    for (const { process } of entries) await events(process, 'entry-exit-connected', exits.length);

    const restart = async (random: Random): Promise<string> => {
      const relay = random.pick(all.filter(({ steady }) => !steady));
      const signal = random.pick(['SIGTERM', 'SIGKILL'] as const);
      const before = entries.map(({ process }) => process.lines.length);
      relay.epoch += 1;
      relay.isDown = true;
      relay.process.signal(signal);
      await relay.process.ended;
      if (relay.role === 'entry') {
        relay.process = await bench.restartEntry(relay.process, atEntry);
        await events(relay.process, 'entry-exit-connected', exits.length);
      } else {
        relay.process = await bench.startBeside(relay.process);
        await Promise.all(
          entries.map(({ process }, index) => events(process, 'entry-exit-connected', 1, before[index] ?? 0)),
        );
      }
      relay.isDown = false;
      relay.epoch += 1;
      return `${relay.name} ${signal}`;
    };

    return {
      all,
      restart,
      draw(random) {
        const pair = [random.pick(entries), random.pick(exits)] as const;
        const epochs = pair.map(({ epoch }) => epoch);
        const wasDown = pair.some(({ isDown }) => isDown);
        return {
          circuit: { entry: pair[0].process, exit: pair[1].process, ca: bench.ca.certificate },
          undisturbed: () => !wasDown && pair.every(({ epoch }, index) => epoch === epochs[index]),
        };
      },
      clean: () => bench.clean(),
    };
  } catch (error) {
    await bench.clean();
    throw error;
  }
}

/** The event as often as that, after the `from`th line. */
async function events(process: RelayProcess, name: string, count: number, from = 0): Promise<void> {
  let at = from;
  for (let seen = 0; seen < count; seen += 1) at = process.lines.indexOf(await process.event(name, at)) + 1;
}
