import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameReader, MAX_FRAME_BYTES } from '../../../../src/core/wire/frames.ts';
import { WireError, type WireErrorCode } from '../../../../src/core/wire/wire-error.ts';

function codeOf(work: () => unknown): WireErrorCode | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return undefined;
}

const message = fc.uint8Array({ minLength: 1, maxLength: 300 });

test('frames come out whole and in order, in whatever pieces they arrive', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 10 }), fc.array(fc.integer({ min: 1, max: 100 })), (messages, cuts) => {
      const reader = new FrameReader();
      const stream = Uint8Array.from(messages.flatMap((one) => [...encodeFrame(one)]));
      const out: Uint8Array[] = [];
      let at = 0;
      for (const length of [...cuts, stream.length]) {
        out.push(...reader.push(stream.subarray(at, at + length)));
        at += length;
      }
      expect(out).toEqual(messages);
      expect(codeOf(() => reader.end())).toBeUndefined();
    }),
  );
});

test('a stream that ends inside of a frame is truncated, wherever that is', () => {
  const stream = encodeFrame(new Uint8Array(200).fill(1));
  for (let at = 1; at < stream.length; at += 1) {
    const reader = new FrameReader();
    expect(reader.push(stream.subarray(0, at))).toEqual([]);
    expect(codeOf(() => reader.end())).toBe('truncated');
  }
});

describe('lengths', () => {
  test('the limit itself passes', () => {
    const longest = new Uint8Array(MAX_FRAME_BYTES).fill(7);
    expect(new FrameReader().push(encodeFrame(longest))).toEqual([longest]);
  });

  test.each<[string, number[], WireErrorCode]>([
    ['one byte more', [0x81, 0x80, 0x04], 'too-large'],
    ['2^21', [0x80, 0x80, 0x80, 0x01], 'too-large'],
    ['2^63', [...new Array<number>(9).fill(0x80), 1], 'too-large'],
    ['a small one spelt in four bytes', [0x81, 0x80, 0x80, 0x00], 'too-large'],
    ['nothing', [0], 'malformed'],
  ])('%s: refused at its last byte at the latest, before a byte of the message has come', (_, prefix, code) => {
    expect(codeOf(() => new FrameReader().push(Uint8Array.from(prefix)))).toBe(code);
  });

  test('nothing longer is written either', () => {
    expect(codeOf(() => encodeFrame(new Uint8Array(MAX_FRAME_BYTES + 1)))).toBe('too-large');
    expect(codeOf(() => encodeFrame(new Uint8Array(0)))).toBe('malformed');
  });

  test('a length that is refused takes no memory', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 100; count += 1) {
      expect(codeOf(() => new FrameReader().push(Uint8Array.from([0xff, 0xff, 0xff, 0x7f])))).toBe('too-large');
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  test('random bytes get frames or a named error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 500 })), (chunks) => {
        const reader = new FrameReader();
        codeOf(() => chunks.forEach((chunk) => reader.push(chunk)));
      }),
    );
  });
});
