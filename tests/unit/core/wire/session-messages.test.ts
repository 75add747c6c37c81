// Messages as a peer sends them: right ones read back as themselves, and whatever else it sends gets a named error.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeField } from '../../../../src/core/wire/protobuf.ts';
import {
  decodeSessionMessage,
  encodeSessionMessage,
  senderOf,
  type SessionMessage,
} from '../../../../src/core/wire/session-messages.ts';
import { WireError, type WireErrorCode } from '../../../../src/core/wire/wire-error.ts';
import { sessionMessage } from '../../../support/session-messages.ts';

const ID = `0x${'11'.repeat(32)}` as const;
const VOUCHER: SessionMessage = {
  request: 7,
  body: { type: 'voucher', channelId: ID, voucher: { max: 1234n, signature: `0x${'22'.repeat(65)}` } },
};

function codeOf(work: () => unknown): WireErrorCode | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return undefined;
}

const decode = (bytes: Uint8Array | number[]) => decodeSessionMessage(Uint8Array.from(bytes), 'payer');

describe('round trip', () => {
  test('every message reads back as itself, and only from the side that sends it', () => {
    fc.assert(
      fc.property(sessionMessage, (message) => {
        const bytes = encodeSessionMessage(message);
        const from = senderOf(message.body.type);
        expect(decodeSessionMessage(bytes, from)).toEqual(message);
        expect(codeOf(() => decodeSessionMessage(bytes, from === 'payer' ? 'payee' : 'payer'))).toBe('wrong-side');
      }),
      { numRuns: 1000 },
    );
  });

  test('a cut at any byte is never read as a message', () => {
    fc.assert(
      fc.property(sessionMessage, (message) => {
        const bytes = encodeSessionMessage(message);
        for (let at = 0; at < bytes.length; at += 1) {
          const code = codeOf(() => decodeSessionMessage(bytes.subarray(0, at), senderOf(message.body.type)));
          expect(['truncated', 'missing-field']).toContain(code);
        }
      }),
    );
  });

  test('a byte that is flipped gives another message or a named error, and amounts stay in their range', () => {
    fc.assert(
      fc.property(sessionMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, at, flip) => {
        const bytes = encodeSessionMessage(message);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        // Whatever is read can be written again: nothing half-parsed comes out.
        codeOf(() => encodeSessionMessage(decodeSessionMessage(bytes, senderOf(message.body.type))));
      }),
      { numRuns: 2000 },
    );
  });

  test('random bytes get a named error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.constantFrom('payer', 'payee'), (bytes, from) => {
        codeOf(() => decodeSessionMessage(bytes, from));
      }),
      { numRuns: 2000 },
    );
  });

  test('64 KiB of the smallest fields are refused without being read to their end', () => {
    const frame = Uint8Array.from(new Array<number[]>(32_768).fill([0x78, 0]).flat());
    const before = performance.now();
    for (let count = 0; count < 100; count += 1) expect(codeOf(() => decode(frame))).toBe('malformed');
    // A hundred read whole take more than ten seconds.
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('what a wrong message gets', () => {
  const whole = [...encodeSessionMessage(VOUCHER)];
  const inner = (...fields: number[][]) => [8, 7, ...encodeField(7, Uint8Array.from(fields.flat()))];
  const channelId = encodeField(1, Buffer.from(ID.slice(2), 'hex'));
  const money = (max: Uint8Array, signature = new Uint8Array(65)) =>
    encodeField(2, Uint8Array.from([...encodeField(1, max), ...encodeField(2, signature)]));
  const right = money(new Uint8Array(16));

  const close = (refund: bigint) => [
    ...[8, 7],
    ...encodeField(9, Uint8Array.from([...channelId, ...right, ...encodeField(3, refund)])),
  ];

  test('these are the bytes of the right one', () => {
    expect(decode(close(1n))).toMatchObject({ body: { type: 'close', refund: true } });
    expect(decode(inner(channelId, right))).toMatchObject({ body: { type: 'voucher', voucher: { max: 0n } } });
  });

  test.each<[string, number[], WireErrorCode]>([
    ['nothing', [], 'missing-field'],
    ['no body', [8, 7], 'missing-field'],
    ['no request', whole.slice(2), 'missing-field'],
    ['two requests', [8, 7, ...whole], 'duplicate-field'],
    ['two bodies', [...whole, ...whole.slice(2)], 'duplicate-field'],
    ['two bodies of two types', [...whole, ...encodeField(2, Uint8Array.from([8, 1]))], 'duplicate-field'],
    ['a body of a later version', [8, 7, ...encodeField(99, new Uint8Array(3))], 'unknown-message'],
    ['a body that is a number', [8, 7, ...encodeField(7, 5n)], 'malformed'],
    ['a request that is bytes', [...encodeField(1, new Uint8Array(1)), ...whole.slice(2)], 'malformed'],
    ['a request of 33 bits', [...encodeField(1, 1n << 32n), ...whole.slice(2)], 'bad-value'],
    ['a number of 65 bits', [8, ...new Array<number>(9).fill(0xff), 2, ...whole.slice(2)], 'malformed'],
    ['a number without an end', [8, ...new Array<number>(20).fill(0xff)], 'malformed'],
    ['field number 0', [0, 0, ...whole], 'malformed'],
    ['a group', [0x7b, ...whole], 'malformed'],
    ['no channel', inner(right), 'missing-field'],
    ['two channels', inner(channelId, channelId, right), 'duplicate-field'],
    ['two vouchers', inner(channelId, right, right), 'duplicate-field'],
    ['a channel id of 31 bytes', inner(encodeField(1, new Uint8Array(31)), right), 'bad-value'],
    ['an amount of 15 bytes', inner(channelId, money(new Uint8Array(15))), 'bad-value'],
    ['an amount of 17 bytes', inner(channelId, money(new Uint8Array(17))), 'bad-value'],
    ['neither true nor false', close(2n), 'bad-value'],
    ['a signature of 64 bytes', inner(channelId, money(new Uint8Array(16), new Uint8Array(64))), 'bad-value'],
  ])('%s', (_, bytes, code) => {
    expect(codeOf(() => decode(bytes))).toBe(code);
  });

  test('fields that a later version adds are ignored, wherever they stand', () => {
    const later = [encodeField(50, 3n), encodeField(51, new Uint8Array(9)), [0x9d, 3, 1, 2, 3, 4]];
    expect(decode([...later.flat(), ...inner(...later, channelId, ...later, right)])).toMatchObject({ request: 7 });
  });

  test.each<[string, SessionMessage, WireErrorCode]>([
    ['a negative amount', withMax(-1n), 'bad-value'],
    ['an amount of 129 bits', withMax(1n << 128n), 'bad-value'],
    ['a request that is no integer', { ...VOUCHER, request: 1.5 }, 'bad-value'],
    ['an id that is no hexadecimal', withId('0xzz'), 'bad-value'],
    ['no id', withId(undefined), 'missing-field'],
  ])('%s is not written', (_, message, code) => {
    expect(codeOf(() => encodeSessionMessage(message))).toBe(code);
  });

  function withMax(max: bigint): SessionMessage {
    return {
      request: 1,
      body: { type: 'voucher', channelId: ID, voucher: { max, signature: `0x${'22'.repeat(65)}` } },
    };
  }
  function withId(id: `0x${string}` | undefined): SessionMessage {
    return { ...VOUCHER, body: { ...VOUCHER.body, channelId: id } as SessionMessage['body'] };
  }
});

test('an error names the field and none of its value', () => {
  const secret = 'ab'.repeat(40);
  const bytes = [8, 7, ...encodeField(7, Uint8Array.from(encodeField(1, Buffer.from(secret, 'hex'))))];
  expect(() => decode(bytes)).toThrow(/channelId/);
  expect(() => decode(bytes)).not.toThrow(/abab/);
});
