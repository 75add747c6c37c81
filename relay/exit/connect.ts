// Connects to the first of several addresses that answers (Happy Eyeballs, RFC 8305). It dials the addresses it was given and never
// resolves anything: they were checked, and a second look-up could answer another one.

import { connect as connectTcp, isIPv6, type Socket } from 'node:net';
import { ExitError, type ExitErrorCode } from './exit-error.ts';
import { BIG_READS } from '../net/big-reads.ts';
import { CONNECTION_ATTEMPT_DELAY_MS, CONNECT_MS, KEEPALIVE_PROBE_MS, MAX_ADDRESSES } from './limits.ts';

export type ConnectOptions = {
  addresses: readonly string[];
  port: number;
  /** Local address for destinations of its own family; the system chooses for the other. */
  source: string | undefined;
  signal: AbortSignal;
  /** Asked of each address when its turn comes: no, and it is passed over. Missing: all may. */
  mayDial?: ((address: string) => boolean) | undefined;
  /** All attempts together, ms. */
  limitMs?: number;
};

/** Throws `ExitError` (`too-many-connections` where none may be dialled), or the signal's reason. The socket stays open for writing after the other side has ended. */
export function connect({
  addresses,
  port,
  source,
  signal,
  mayDial = () => true,
  limitMs = CONNECT_MS,
}: ConnectOptions): Promise<Socket> {
  const waiting = interleaveFamilies(addresses).slice(0, MAX_ADDRESSES);
  const trying = new Set<Socket>();
  const failures: unknown[] = [];

  return new Promise((resolve, reject) => {
    let stagger: NodeJS.Timeout | undefined;
    const finish = (settle: () => void): void => {
      clearTimeout(stagger);
      clearTimeout(deadline);
      signal.removeEventListener('abort', onAbort);
      settle();
      for (const socket of trying) socket.destroy();
    };
    const onAbort = (): void => finish(() => reject(signal.reason as Error));
    const deadline = setTimeout(() => finish(() => reject(new ExitError('connect-timeout'))), limitMs);

    const tryNext = (): void => {
      clearTimeout(stagger);
      let address = waiting.shift();
      while (address !== undefined && !mayDial(address)) {
        failures.push(new ExitError('too-many-connections'));
        address = waiting.shift();
      }
      if (address === undefined) {
        if (trying.size === 0) finish(() => reject(toExitError(failures)));
        return;
      }
      if (waiting.length > 0) stagger = setTimeout(tryNext, CONNECTION_ATTEMPT_DELAY_MS);
      const socket = dial(address, port, source);
      trying.add(socket);
      const onError = (error: Error): void => {
        trying.delete(socket);
        failures.push(error);
        tryNext();
      };
      socket.once('error', onError);
      socket.once('connect', () => {
        trying.delete(socket);
        socket.off('error', onError);
        finish(() => resolve(socket));
      });
    };

    if (signal.aborted) onAbort();
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      tryNext();
    }
  });
}

function dial(address: string, port: number, source: string | undefined): Socket {
  const sameFamily = source !== undefined && isIPv6(source) === isIPv6(address);
  return connectTcp({
    host: address,
    port,
    ...(sameFamily ? { localAddress: source } : {}),
    // The list is ours; Node's own racing would need a look-up.
    autoSelectFamily: false,
    allowHalfOpen: true,
    noDelay: true,
    onread: BIG_READS,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_PROBE_MS,
  });
}

/** IPv6 first, then the families in turn (RFC 8305 §4); the order within a family is that of the answer. */
function interleaveFamilies(addresses: readonly string[]): string[] {
  const unique = [...new Set(addresses)];
  const six = unique.filter((address) => isIPv6(address));
  const four = unique.filter((address) => !isIPv6(address));
  return Array.from({ length: Math.max(six.length, four.length) }, (_, index) => [six[index], four[index]])
    .flat()
    .filter((address) => address !== undefined);
}

/** The failure that says most: somebody was there and refused; nobody answered; there was no way. */
function toExitError(failures: readonly unknown[]): ExitError {
  const [first] = failures;
  if (first instanceof ExitError && failures.every((error) => error instanceof ExitError)) return first;
  const codes = failures.map((error) => (error as NodeJS.ErrnoException).code);
  const found: ExitErrorCode =
    codes.includes('ECONNREFUSED') || codes.includes('ECONNRESET')
      ? 'refused-by-origin'
      : codes.includes('ETIMEDOUT')
        ? 'connect-timeout'
        : 'unreachable';
  return new ExitError(found, { cause: failures[0] });
}
