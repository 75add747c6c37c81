// Whether the relay's ports can be listened on, and whether its public addresses lead to them. A relay that does not run is stood in for: something listens on its ports for a
// moment, says a random word, and who dials the public address must hear it. Used by relay/cli/check.ts.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import type { ListenAddress } from '../config/listen.ts';
import { formatHostPort, type HostPort } from '../config/schema.ts';
import { ListenError } from '../net/listen-error.ts';
import { wrong, type Finding } from './finding.ts';

export type PortCheck = {
  /** Where it listens: whichever of these a dial leads to. */
  listen: readonly ListenAddress[];
  /** Where others come; none: only that it can be listened on. `port` undefined: the first of `listen`. */
  reach: readonly { host: string; port: number | undefined }[];
};

/** A dial on the Internet takes a tenth of it. */
const DIAL_MS = 5000;
const WORD_BYTES = 16;

/** @param runs the relay has its ports already: they are dialled, and no more. Otherwise they are listened on meanwhile */
export async function checkPorts(
  checks: readonly PortCheck[],
  { runs, signal }: { runs: boolean; signal: AbortSignal },
): Promise<Finding[]> {
  const found = await Promise.all(
    checks.map(async ({ listen, reach }) => {
      if (runs) return dialAll(reach, listen[0]?.port ?? 0, undefined, signal);
      const word = randomBytes(WORD_BYTES).toString('hex');
      const tried = await Promise.all(listen.map((address) => listenOn(address, word)));
      const servers = tried.filter((each): each is Server => !(each instanceof ListenError));
      const faults = tried.filter((each) => each instanceof ListenError);
      try {
        // Where one cannot be had, that is what is to be mended first.
        if (faults.length > 0) return faults.map(({ message }) => wrong(message));
        return await dialAll(reach, servers[0] === undefined ? 0 : portOf(servers[0]), word, signal);
      } finally {
        for (const server of servers) server.close();
      }
    }),
  );
  return found.flat();
}

async function dialAll(
  reach: PortCheck['reach'],
  usual: number,
  word: string | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  const found = await Promise.all(
    reach.map(async ({ host, port = usual }) => {
      const fault = await dial({ host, port }, word, signal);
      return fault === undefined ? [] : [wrong(`${formatHostPort({ host, port })}: ${fault}`)];
    }),
  );
  return found.flat();
}

/** What is wrong, if anything. */
async function dial(
  { host, port }: HostPort,
  word: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const socket = connect({ host, port, signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]) });
  try {
    await once(socket, 'connect');
    if (word === undefined) return undefined;
    const [heard] = (await once(socket, 'data')) as [Buffer];
    return heard.toString() === word ? undefined : 'another program answers there: is it this machine’s address?';
  } catch {
    return 'cannot be reached from this machine: open it in the firewall, or forward it (some routers refuse it from inside)';
  } finally {
    socket.destroy();
  }
}

async function listenOn({ host, port, ipv6Only }: ListenAddress, word: string): Promise<Server | ListenError> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(word);
  });
  server.listen({ host, port, ipv6Only });
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    return new ListenError({ host, port }, error);
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
