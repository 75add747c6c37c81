// curl as the client of transfers: written in C, known to everyone, and the same for every peer.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Lab } from '../lab.ts';
import { curlWords, type Peer } from '../peers/peer.ts';
import { SITE } from '../peers/plan.ts';

/** A transfer that stalls is a failure and no wait without end. */
const TIMEOUT_SECONDS = 180;
/** curl's exit code of `--max-time`. */
const TIMED_OUT = 28;
/** What `--write-out` tells of each transfer, on lines of its own: with `--parallel` a progress meter stands between them, silent or not. */
const REPORT = '%{stderr}\nbench %{http_code} %{size_download} %{size_upload} %{time_starttransfer} %{time_total}\n';

export type Transfer = {
  status: number;
  downBytes: number;
  upBytes: number;
  /** Seconds since this transfer began. */
  firstByte: number;
  total: number;
};

export type CurlRun = {
  transfers: Transfer[];
  /** From the start of curl to its end. */
  seconds: number;
  sha256: string;
  /** Bytes so far at each moment that some came, where `wantsCourse`. */
  course: { at: number; bytes: number }[];
  text: string;
};

type Read = 'none' | 'hash' | 'course' | 'text';

/**
 * @param seconds broken off after that, which is no failure then
 * @param read what is done with the body: thrown away by curl itself, which costs least, or read here
 */
export async function curl(
  peer: Peer,
  { caFile }: Lab,
  { words, read = 'none', seconds: limit }: { words: readonly string[]; read?: Read; seconds?: number },
): Promise<CurlRun> {
  const common = [
    ...['--silent', '--show-error', '--max-time', String(limit ?? TIMEOUT_SECONDS), '--write-out', REPORT],
    // A site is resolved by the proxy; direct, it has to be said.
    ...['--cacert', caFile, '--resolve', `${SITE.host}:${SITE.https}:${SITE.address}`],
    ...['--resolve', `${SITE.host}:${SITE.http}:${SITE.address}`],
    // curl waits a second for an answer to it.
    ...['--header', 'Expect:', '--no-buffer'],
  ];
  const start = performance.now();
  const child = spawn('curl', [...common, ...curlWords(peer, caFile), ...words], {
    stdio: ['ignore', read === 'none' ? 'ignore' : 'pipe', 'pipe'],
  });
  const digest = createHash('sha256');
  const course: CurlRun['course'] = [];
  let [message, text, bytes] = ['', '', 0];
  child.stderr?.on('data', (chunk: Buffer) => (message += chunk.toString()));
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (read === 'hash') digest.update(chunk);
    if (read === 'text') text += chunk.toString();
    if (read === 'course') course.push({ at: (performance.now() - start) / 1000, bytes });
  });
  await once(child, 'close');
  const seconds = (performance.now() - start) / 1000;
  const transfers = message
    .split(/[\r\n]/)
    .filter((line) => line.startsWith('bench '))
    .map((line): Transfer => {
      const [status = 0, downBytes = 0, upBytes = 0, firstByte = 0, total = 0] = line.split(' ').slice(1).map(Number);
      return { status, downBytes, upBytes, firstByte, total };
    });
  const isOver = limit !== undefined && child.exitCode === TIMED_OUT;
  if ((child.exitCode !== 0 && !isOver) || transfers.length === 0 || transfers.some(({ status }) => status !== 200))
    throw new Error(`curl by way of ${peer.title}: ${message.trim()}`);
  return { transfers, seconds, sha256: digest.digest('hex'), course, text };
}
