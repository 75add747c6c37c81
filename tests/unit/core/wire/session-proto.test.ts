// The published schema is what we speak: protons makes another implementation of docs/protocol/session.proto, and each side reads what the
// other wrote, byte for byte.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  decodeSessionMessage,
  encodeSessionMessage,
  senderOf,
  type SessionBodyType,
} from '../../../../src/core/wire/session-messages.ts';
import { DEPOSIT_STATES, SESSION_ERRORS } from '../../../../src/core/wire/session-protocol.ts';
import { BODIES, sessionMessage } from '../../../support/session-messages.ts';

type Codec = { encode(value: unknown): Uint8Array; decode(bytes: Uint8Array): Record<string, unknown> };

const ROOT = resolve(import.meta.dirname, '../../../..');
let folder: string;
let other: Codec;

beforeAll(async () => {
  // Inside of the project, so that what is generated finds its runtime.
  mkdirSync(join(ROOT, 'artifacts'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'artifacts/session-proto-'));
  const protons = join(ROOT, 'node_modules/.bin/protons');
  execFileSync(protons, [join(ROOT, 'docs/protocol/session.proto'), '--output', folder], { stdio: 'pipe' });
  const made = (await import(join(folder, 'session.ts'))) as { SessionMessage: Codec };
  other = made.SessionMessage;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** protons-runtime 7.1.2 writes numbers from 2^31 to 2^32 - 1 into a uint64 wrongly: 2^31 comes out as five bytes of what was there before. */
function holdsMisspelt(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsMisspelt);
  return typeof value === 'number' && value >= 2 ** 31 && value < 2 ** 32;
}

test('what we write, the other reads whole and writes the same bytes again; what it writes, we read', () => {
  fc.assert(
    fc.property(sessionMessage, (message) => {
      fc.pre(!holdsMisspelt(message));
      const bytes = encodeSessionMessage(message);
      const read = other.decode(bytes);
      expect(read['request']).toBe(message.request);
      expect(read[message.body.type]).toBeDefined();
      const again = other.encode(read);
      expect(Buffer.from(again).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
      expect(decodeSessionMessage(again, senderOf(message.body.type))).toEqual(message);
    }),
    { numRuns: 1000 },
  );
});

test('every message stands in the schema under its own name', () => {
  for (const type of Object.keys(BODIES) as SessionBodyType[]) {
    const [body] = fc.sample(BODIES[type], 1);
    expect(Object.keys(other.decode(encodeSessionMessage({ request: 1, body: body! })))).toEqual(['request', type]);
  }
});

test('values have the meaning that the schema gives them', () => {
  const channelId = `0x${'11'.repeat(32)}` as const;
  const bytes = encodeSessionMessage({
    request: 3,
    body: { type: 'openAck', channel: { channelId, credit: 258n, depositState: 'safe' } },
  });
  expect(other.decode(bytes)).toEqual({
    request: 3,
    openAck: {
      channel: {
        channelId: new Uint8Array(32).fill(0x11),
        credit: Uint8Array.from([...new Uint8Array(14), 1, 2]),
        depositState: 'SAFE',
      },
    },
  });
});

test('every code of an error, and every state of a deposit, has its name in the schema', () => {
  for (const code of SESSION_ERRORS) {
    const bytes = encodeSessionMessage({ request: 3, body: { type: 'error', code } });
    expect(other.decode(bytes)).toEqual({ request: 3, error: { code: code.toUpperCase() } });
  }
  for (const depositState of DEPOSIT_STATES) {
    const channel = { channelId: `0x${'11'.repeat(32)}`, credit: 0n, depositState } as const;
    const read = other.decode(encodeSessionMessage({ request: 3, body: { type: 'openAck', channel } }));
    expect(read).toMatchObject({ openAck: { channel: { depositState: depositState.toUpperCase() } } });
  }
});
