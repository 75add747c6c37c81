// The tap on the client's end of the cable: every packet that anything in its namespace sends, but for what goes to an entry. What the
// kernel dropped is counted, and a run with a drop has not seen everything. Called by harness.ts.

import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CABLE } from '../../../devnet/laboratory/plan.ts';
import { createPcapReader } from './pcap.ts';
import { readFrame, type Packet } from './packets.ts';

/** A mark is a datagram of our own that the tap sees: whatever was sent before it has been seen by then. */
const MARK_PORT = 9;
const MARK_LIMIT_MS = 10_000;
/** Enough for every name and every TLS hello's start; the rest of a packet says nothing more. */
const SNAP_BYTES = '400';
/** kB between kernel and tcpdump: a burst of some thousand packets. */
const BUFFER_KB = '16384';

export type Mark = { index: number };

export type Tap = {
  /** Every packet so far, oldest first. */
  packets: readonly Packet[];
  /** Resolves when everything that was sent before the call has been seen. */
  mark(): Promise<Mark>;
  packetsSince(mark: Mark): Promise<Packet[]>;
  /** @returns how many packets the kernel dropped */
  close(): Promise<number>;
};

/**
 * @param device of the namespace that this process is in
 * @param filter pcap-filter(7): what is not looked at
 */
export async function startTap(device: string, filter: string): Promise<Tap> {
  const out = device === 'lo' ? [] : ['-Q', 'out'];
  const words = [
    '-i',
    device,
    ...out,
    '-n',
    '-U',
    '--immediate-mode',
    '-B',
    BUFFER_KB,
    '-s',
    SNAP_BYTES,
    '-w',
    '-',
    filter,
  ];
  // As root tcpdump would otherwise become another user, which needs files of /etc.
  const child = spawn('tcpdump', ['-Z', 'root', ...words], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const lines: string[] = [];
  const errors = createInterface({ input: child.stderr });
  errors.on('line', (line) => lines.push(line));
  const ended = once(child, 'close');
  const packets: Packet[] = [];
  const waiting = new Map<string, (mark: Mark) => void>();
  const read = createPcapReader(({ at, bytes }) => {
    const packet = readFrame(at, bytes);
    if (packet === undefined) return;
    const seen = packet.port === MARK_PORT && packet.kind === 'udp' ? waiting.get(String(packet.payload)) : undefined;
    if (seen) seen({ index: packets.length });
    else packets.push(packet);
  });
  child.stdout.on('data', read);
  await Promise.race([once(errors, 'line'), ended]);
  if (child.exitCode !== null) throw new Error(`tcpdump does not listen on ${device}: ${lines.join(' ')}`);

  const socket: Socket = createSocket('udp4');
  let marks = 0;
  const mark = async (): Promise<Mark> => {
    const text = `mark ${process.pid} ${++marks}`;
    const target = device === 'lo' ? '127.0.0.1' : CABLE.server.v4;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Mark>((resolve, reject) => {
        waiting.set(text, resolve);
        timer = setTimeout(() => reject(new Error(`the tap on ${device} did not see a mark`)), MARK_LIMIT_MS);
        socket.send(text, MARK_PORT, target);
      });
    } finally {
      clearTimeout(timer);
      waiting.delete(text);
    }
  };
  // The first line says that it listens; the first mark shows it.
  await mark();

  return {
    packets,
    mark,
    packetsSince: async (since) => {
      const until = await mark();
      return packets.slice(since.index, until.index);
    },
    close: async () => {
      socket.close();
      child.kill('SIGINT');
      await ended;
      return Number(/(\d+) packets? dropped by kernel/.exec(lines.join('\n'))?.[1] ?? Number.NaN);
    },
  };
}
