// curl as the client of the transfers: written in C, known to everyone, and able to use a circuit as any HTTPS proxy.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { parseCircuitName } from '../src/core/tunnel/circuit-name.ts';
import type { Network } from '../devnet/network.ts';

export const TRANSFER_BYTES = 300_000_000;

/** A transfer that stalls is a failure, not a wait without end. */
const TIMEOUT_SECONDS = 120;

export type Transfer = { megabytesPerSecond: number; bytes: number; sha256: string | undefined };

/** A download over http, direct or through a circuit. `hash` costs time: not for what is timed. */
export async function download(
  network: Network,
  { url, through, hash }: { url: string; through: Circuit | undefined; hash: boolean },
): Promise<Transfer> {
  const output = hash ? '-' : '/dev/null';
  const report = '%{stderr}%{http_code} %{size_download} %{speed_download}';
  const words = [
    '--silent',
    '--show-error',
    '--max-time',
    String(TIMEOUT_SECONDS),
    '--output',
    output,
    '--write-out',
    report,
  ];
  const child = spawn('curl', [...words, ...route(network, through), url], { stdio: ['ignore', 'pipe', 'pipe'] });
  const digest = createHash('sha256');
  child.stdout.on('data', (chunk: Buffer) => digest.update(chunk));
  let message = '';
  child.stderr.on('data', (chunk: Buffer) => (message += chunk.toString()));
  await once(child, 'close');
  const [status, bytes, speed] = message.trim().split(' ');
  if (child.exitCode !== 0 || status !== '200')
    throw new Error(`curl ${through ? 'through the circuit' : 'direct'}: ${message}`);
  return {
    megabytesPerSecond: Number(speed) / 1e6,
    bytes: Number(bytes),
    sha256: hash ? digest.digest('hex') : undefined,
  };
}

function route({ caFile }: Network, circuit: Circuit | undefined): string[] {
  if (circuit === undefined) return [];
  const { proxyHost, proxyPort } = circuit;
  const entryAddress = parseCircuitName(proxyHost).address;
  return [
    ...['--proxy', `https://${proxyHost}:${proxyPort}`, '--proxy-cacert', caFile],
    ...['--resolve', `${proxyHost}:${proxyPort}:${entryAddress}`],
  ];
}
