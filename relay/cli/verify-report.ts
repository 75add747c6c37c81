// `conet-relay verify-report`: whether a report that a check page saved is whole and signed by the exit that it names. Needs no network.

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { peerIdFromString } from '@libp2p/peer-id';
import {
  faultsOf,
  MAX_REPORT_CHARACTERS,
  parseReport,
  type ReportFault,
  type Tools,
} from '../../src/core/report/check-report.ts';

export type ReportVerdict = {
  /** Lines for a person. */
  lines: string[];
  holds: boolean;
};

const FAULT_WORDS: Record<ReportFault, string> = {
  malformed: 'this is not a report of this version',
  signature: 'a statement is not signed by the exit that it names',
  seal: 'the report was changed after the exit sealed it',
  stranger: 'its statements are not of one run over the circuits that it names',
  verdict: 'its verdicts do not follow from its statements',
};

/** Throws where the file cannot be read. */
export async function verifyReport(path: string): Promise<ReportVerdict> {
  const value = parseJson(await readStart(path));
  const faults = await faultsOf(value, tools);
  if (faults.length > 0) return { holds: false, lines: faults.map((fault) => `not good: ${FAULT_WORDS[fault]}`) };
  const { seal, statements, lines, circuits, extension } = parseReport(value);
  const entry = circuits.find(({ exit }) => exit === seal.statement.peer)?.entry ?? 'unknown';
  return {
    holds: true,
    lines: [
      `sealed by exit ${seal.statement.peer} at ${new Date(seal.statement.time).toISOString()} by its own clock`,
      `entry ${entry}, extension ${extension}, ${statements.length} signed statements`,
      ...lines.map(
        ({ id, verdict }) => `${verdict.padEnd(10)}${id}${isOwnWord(id) ? ' (the word of the browser)' : ''}`,
      ),
      'The exit vouches for its statements and for the report as a whole, not for what the browser says of itself.',
    ],
  };
}

/** Lines that rest on more than the exit's statements. */
function isOwnWord(id: string): boolean {
  return id === 'webrtc' || id === 'gpc';
}

const tools: Tools = {
  verify: async (peer, message, signature) => {
    try {
      const id = peerIdFromString(peer);
      return id.type === 'Ed25519' && (await id.publicKey.verify(message, Buffer.from(signature, 'hex')));
    } catch {
      return false;
    }
  },
  sha256: (bytes) => Promise.resolve(createHash('sha256').update(bytes).digest('hex')),
};

/** No more than a report may have: a larger file is none, and is not read to its end. */
async function readStart(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(MAX_REPORT_CHARACTERS + 1),
      0,
      MAX_REPORT_CHARACTERS + 1,
    );
    return bytesRead > MAX_REPORT_CHARACTERS ? '' : buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
